//! Several nodes, browsers, a provider and a store in one thread: by a seed, in simulated time, with failures at every await.
//!
//! ```sh
//! cargo run --manifest-path tests/simulation/Cargo.toml --locked                        # 200 seeds
//! cargo run --manifest-path tests/simulation/Cargo.toml --locked -- --seconds 600       # as many as there is time for
//! cargo run --manifest-path tests/simulation/Cargo.toml --locked -- --seed 4711 --trace # one of them, told line by line
//! ```
//!
//! | file | what |
//! |---|---|
//! | `executor` | one step of one task at a time, chosen by the seed; time passes when nothing can go on |
//! | `ports` | clock and tasks of a node |
//! | `store` | the shared store: late, failing before or after it did its work, with messages that take time |
//! | `provider` | the development provider, behind a network that loses requests and replies |
//! | `node` | the application; a node dies at any await, and begins anew |
//! | `browser` | cookies, tabs, clients that hang up |
//! | `story` | what people do, and what happens to them |
//! | `truth` | who must be served and who must not, whatever the nodes know; checks the invariants |
//! | `mutations.mjs` | what is broken in a copy of the crate is found |

#[allow(dead_code, reason = "each harness names those that it checks")]
#[path = "../model/invariants.rs"]
mod invariants;

mod browser;
mod chance;
mod executor;
mod node;
mod ports;
mod provider;
mod store;
mod story;
mod truth;
mod weather;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use self::browser::Browser;
use self::chance::Chance;
use self::executor::{Owner, Sim};
use self::node::{Mode, Node, World};
use self::ports::NodeClock;
use self::provider::Provider;
use self::store::{Server, SimStore};
use self::truth::{Counts, Truth};
use self::weather::Weather;

/// What came of one seed.
struct Ran {
    steps: u64,
    digest: u64,
    counts: Counts,
}

fn run(seed: u64, traced: bool) -> Ran {
    let chance = Chance::new(seed);
    let sim = Sim::new(Chance::new(chance.next()));
    let mode = match chance.below(9) {
        0..=3 => Mode::Shared,
        4 | 5 => Mode::Push,
        8 => Mode::Mute,
        6 => Mode::Exclusive,
        _ => Mode::Memory,
    };
    let truth = Truth::new(&sim, mode, traced);
    truth.note(format_args!("seed {seed}: {mode:?}"));
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let (sim, truth) = (sim.clone(), truth.clone());
        let whole = {
            let sim = sim.clone();
            async move { life(sim, chance, mode, truth).await }
        };
        sim.run(whole);
    }));
    let ran =
        Ran { steps: sim.steps(), digest: truth.digest() ^ sim.digest(), counts: truth.counts() };
    let cleared = catch_unwind(AssertUnwindSafe(|| sim.clear()));
    if let Err(panic) = outcome.and(cleared) {
        std::panic::resume_unwind(panic);
    }
    ran
}

async fn life(sim: Sim, chance: Chance, mode: Mode, truth: Truth) {
    let until = chance.seconds(900, 4_000);
    let wrong_by = || i64::try_from(chance.below(4_000)).unwrap_or(0) - 2_000;
    let provider = Provider::new(&sim, &chance, NodeClock::new(&sim, wrong_by()));
    let (weather, server) = (Weather::default(), Server::default());
    let world = World { sim, chance: chance.clone(), weather, truth, provider, server, mode };
    let World { sim, truth, .. } = &world;
    let number = match mode {
        Mode::Shared | Mode::Mute | Mode::Push => chance.between(2, 3),
        Mode::Exclusive | Mode::Memory => 1,
    };
    let skewed = chance.permille(500);
    let nodes: Vec<Node> = (0..number)
        .map(|number| {
            let wrong_by = if skewed { wrong_by() } else { 0 };
            truth.clock_is_wrong_by(wrong_by);
            Node::new(&world, number as usize, wrong_by)
        })
        .collect();
    let browsers: Vec<Browser> = (0..chance.between(2, 4))
        .map(|number| Browser::new(&world, number as usize, *chance.pick(&SUBJECTS)))
        .collect();
    for browser in &browsers {
        for _ in 0..chance.between(1, 3) {
            sim.spawn(Owner::World, story::tab(browser.clone(), nodes.clone(), until));
        }
    }
    sim.spawn(Owner::World, story::moods(world.clone(), until));
    sim.spawn(Owner::World, story::logouts_at_the_provider(world.clone(), nodes.clone(), until));
    if chance.permille(850) {
        sim.spawn(Owner::World, story::weather(world.clone(), until));
    }
    // What is only in memory would be gone, and nobody promises otherwise.
    if mode != Mode::Memory && chance.permille(600) {
        sim.spawn(Owner::World, story::deaths(world.clone(), nodes.clone(), until));
    }
    if chance.permille(300) {
        sim.spawn(Owner::World, story::sleeps(browsers.clone(), nodes.clone(), until));
    }
    if chance.permille(150) {
        sim.spawn(Owner::World, story::clocks(world.clone(), nodes.clone(), until));
    }
    if chance.permille(300) {
        let (one, other) = (browsers[0].clone(), browsers[1].clone());
        let (sim, chance, nodes) = (sim.clone(), chance.clone(), nodes.clone());
        world.sim.spawn(Owner::World, async move {
            while sim.now() < until {
                sim.sleep(chance.seconds(60, 600)).await;
                story::foreign_callback(&one, &other, &nodes).await;
            }
        });
    }
    if number > 1 && chance.permille(250) {
        sim.spawn(Owner::World, story::cuts(browsers.clone(), nodes.clone(), until));
    }
    if mode == Mode::Push || mode == Mode::Shared {
        let store = SimStore {
            // Nobody's.
            node: usize::MAX,
            server: world.server.clone(),
            sim: sim.clone(),
            chance: chance.clone(),
            weather: world.weather.clone(),
            truth: truth.clone(),
            is_exclusive: false,
            is_mute: false,
        };
        let (sim, chance) = (sim.clone(), chance.clone());
        world.sim.spawn(Owner::World, async move {
            while sim.now() < until {
                sim.sleep(chance.seconds(100, 1_500)).await;
                store.deafen();
            }
        });
    }
    // Whatever is under way comes to its end; then all is calm.
    sim.sleep(until + Duration::from_secs(420)).await;
    world.weather.calm();
    world.provider.be_generous();
    sim.sleep(Duration::from_secs(120)).await;
    story::afterwards(&browsers, &nodes).await;
    truth.check_told();
    truth.check_secrets(&world.server.seen(), &world.provider.secrets());
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)?.parse::<u64>().ok()
    };
    let known = ["--seed", "--seeds", "--seconds", "--from", "--trace", "--first"];
    if let Some(wrong) =
        arguments.iter().find(|it| !known.contains(&it.as_str()) && it.parse::<u64>().is_err())
    {
        eprintln!("there is no {wrong}: {}", known.join(", "));
        return ExitCode::from(2);
    }
    let traced = arguments.iter().any(|argument| argument == "--trace");
    if let Some(seed) = value("--seed") {
        let ran = run(seed, traced);
        println!("seed {seed}: {} steps, digest {:016x}, {:?}", ran.steps, ran.digest, ran.counts);
        return ExitCode::SUCCESS;
    }
    let (first, limit) =
        (value("--from").unwrap_or(1), value("--seconds").map(Duration::from_secs));
    let failures = if arguments.iter().any(|argument| argument == "--first") { 1 } else { 5 };
    let most = value("--seeds").unwrap_or(if limit.is_some() { u64::MAX } else { 200 });
    several(first, (most, limit), failures)
}

/// Until there are so many failures.
fn several(first: u64, (most, limit): (u64, Option<Duration>), failures: usize) -> ExitCode {
    let (begun, mut steps, mut total) = (Instant::now(), 0, Counts::default());
    let mut seeds = 0;
    let mut failed = Vec::new();
    while seeds < most && limit.is_none_or(|limit| begun.elapsed() < limit) {
        let seed = first + seeds;
        seeds += 1;
        match catch_unwind(|| run(seed, false)) {
            Ok(ran) => {
                steps += ran.steps;
                total.add(&ran.counts);
                if seeds % 50 == 1 && ran.digest != run(seed, false).digest {
                    eprintln!("seed {seed}: two runs of it differ");
                    failed.push(seed);
                }
            }
            Err(_) => {
                eprintln!("seed {seed} fails; again, line by line:");
                eprintln!(
                    "  cargo run --manifest-path tests/simulation/Cargo.toml --locked -- --seed {seed} --trace"
                );
                failed.push(seed);
                if failed.len() >= failures {
                    break;
                }
            }
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    println!("{seeds} seeds, {steps} steps in {seconds:.0} s; {total:?}");
    // A story in which nothing happens shows nothing.
    let is_rich = seeds < 100 || total.each().iter().all(|count| *count > 0);
    if failed.is_empty() && seeds > 0 && is_rich {
        println!("{seeds} passed, 0 failed");
        return ExitCode::SUCCESS;
    }
    println!("{} failed: {failed:?}", failed.len());
    ExitCode::FAILURE
}

impl Counts {
    fn each(&self) -> [u64; 9] {
        let Self { logins, served, refused, refreshes, revocations, ticks, deaths, sleeps, cuts } =
            *self;
        [logins, served, refused, refreshes, revocations, ticks, deaths, sleeps, cuts]
    }

    fn add(&mut self, other: &Self) {
        self.logins += other.logins;
        self.served += other.served;
        self.refused += other.refused;
        self.refreshes += other.refreshes;
        self.revocations += other.revocations;
        self.ticks += other.ticks;
        self.deaths += other.deaths;
        self.sleeps += other.sleeps;
        self.cuts += other.cuts;
    }
}

/// No name of theirs is a word that is in anything else.
const SUBJECTS: [&str; 2] = ["ada of the simulation", "bob of the simulation"];
