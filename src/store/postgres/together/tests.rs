use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use super::*;
use crate::spawn::Task;

type Reading<'a> = Pin<Box<dyn Future<Output = Option<u32>> + 'a>>;

/// What was asked, and what lets the answer go.
#[derive(Clone, Default)]
struct Asked(Arc<Mutex<Vec<Statement>>>);

type Statement = (Vec<u32>, Option<oneshot::Sender<()>>);

/// Tasks that run when a test says so.
#[derive(Default)]
struct Tasks(Mutex<Vec<Task>>);

impl std::fmt::Debug for Tasks {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Tasks")
    }
}

impl Spawn for Tasks {
    fn spawn(&self, task: Task) {
        self.0.lock().unwrap().push(task);
    }
}

impl Tasks {
    fn run(&self) {
        let mut context = Context::from_waker(Waker::noop());
        self.0.lock().unwrap().retain_mut(|task| task.as_mut().poll(&mut context).is_pending());
    }

    fn cut_off(&self, task: usize) {
        drop(self.0.lock().unwrap().remove(task));
    }
}

struct Bench {
    reads: Arc<Reads<u32, u32>>,
    tasks: Tasks,
    asked: Asked,
}

impl Bench {
    fn new(most: usize) -> Self {
        Self { reads: Reads::new(most), tasks: Tasks::default(), asked: Asked::default() }
    }

    /// Answers each question with its hundredfold once it is let; keeps what it was asked.
    fn read(&self, question: u32) -> Reading<'_> {
        let asked = self.asked.clone();
        Box::pin(self.reads.read(&self.tasks, question, move |questions| {
            let (let_go, wait) = oneshot::channel();
            asked.0.lock().unwrap().push((questions.clone(), Some(let_go)));
            async move {
                wait.await.unwrap();
                questions.into_iter().map(|question| question * 100).collect()
            }
        }))
    }

    /// Reads that have been begun, the first of them with `1`.
    fn begun(&self, count: u32) -> Vec<Option<Reading<'_>>> {
        let mut readings: Vec<_> = (1..=count).map(|number| Some(self.read(number))).collect();
        assert!(readings.iter_mut().all(|reading| poll(reading).is_pending()));
        self.tasks.run();
        readings
    }

    fn let_go(&self, statement: usize) {
        self.asked.0.lock().unwrap()[statement].1.take().unwrap().send(()).unwrap();
        self.tasks.run();
    }

    fn questions(&self) -> Vec<Vec<u32>> {
        self.asked.0.lock().unwrap().iter().map(|(questions, _)| questions.clone()).collect()
    }

    fn all_turns_are_back(&self) {
        let state = self.reads.state();
        assert_eq!((state.under_way, state.waiting.len()), (0, 0));
        assert!(self.tasks.0.lock().unwrap().is_empty());
    }
}

fn poll(reading: &mut Option<Reading<'_>>) -> Poll<Option<u32>> {
    let reading = reading.as_mut().unwrap();
    reading.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn a_crowd_shares_a_statement() {
    let bench = Bench::new(2);
    let mut readings = bench.begun(6);
    assert_eq!(bench.questions(), [vec![1], vec![2]]);

    bench.let_go(1);
    assert_eq!(poll(&mut readings[1]), Poll::Ready(Some(200)));
    // Who asks now is too late for the next statement.
    let mut late = Some(bench.read(7));
    assert!(poll(&mut late).is_pending());
    assert_eq!(bench.questions()[2..], [vec![3, 4, 5, 6]]);
    bench.let_go(2);
    for number in [3, 4, 5, 6] {
        assert_eq!(poll(&mut readings[number - 1]), Poll::Ready(Some(number as u32 * 100)));
    }
    assert!(poll(&mut late).is_pending());
    assert_eq!(bench.questions()[3..], [vec![7]]);
    bench.let_go(3);
    bench.let_go(0);
    assert_eq!(poll(&mut late), Poll::Ready(Some(700)));
    assert_eq!(poll(&mut readings[0]), Poll::Ready(Some(100)));
    bench.all_turns_are_back();
}

#[test]
fn nobody_depends_on_a_client_that_does_not_look() {
    let bench = Bench::new(2);
    let mut readings = bench.begun(4);
    bench.let_go(0);
    assert_eq!(bench.questions()[2..], [vec![3, 4]]);
    bench.let_go(2);
    // Neither the first, nor the second, nor the third has looked since it began.
    assert_eq!(poll(&mut readings[3]), Poll::Ready(Some(400)));
    bench.let_go(1);
    for number in 1..=3 {
        assert_eq!(poll(&mut readings[number - 1]), Poll::Ready(Some(number as u32 * 100)));
    }
    bench.all_turns_are_back();
}

#[test]
fn nobody_depends_on_a_client_that_hangs_up() {
    let bench = Bench::new(1);
    let mut readings = bench.begun(5);
    // While it waits, …
    readings[1] = None;
    // … while it reads alone, …
    readings[0] = None;
    bench.let_go(0);
    assert_eq!(bench.questions(), [vec![1], vec![3, 4, 5]]);
    // … and while others share its statement.
    readings[2] = None;
    bench.let_go(1);
    assert_eq!(poll(&mut readings[3]), Poll::Ready(Some(400)));
    assert_eq!(poll(&mut readings[4]), Poll::Ready(Some(500)));
    assert_eq!(bench.questions().len(), 2);
    bench.all_turns_are_back();
}

#[test]
fn a_task_that_is_cut_off_fails_who_began_it_and_nobody_else() {
    let bench = Bench::new(1);
    let mut readings = bench.begun(2);
    bench.let_go(0);
    assert_eq!(poll(&mut readings[0]), Poll::Ready(Some(100)));
    readings.extend((3..=4).map(|number| Some(bench.read(number))));
    assert!(readings[2..].iter_mut().all(|reading| poll(reading).is_pending()));
    // One has shared its statement, two have waited.
    bench.tasks.cut_off(0);
    assert!(readings[1..].iter_mut().all(|reading| poll(reading).is_pending()));
    bench.tasks.run();
    assert_eq!(bench.questions(), [vec![1], vec![2], vec![2]]);
    bench.tasks.cut_off(0);
    assert_eq!(poll(&mut readings[1]), Poll::Ready(None));
    assert!(readings[2..].iter_mut().all(|reading| poll(reading).is_pending()));
    bench.tasks.run();
    bench.let_go(3);
    bench.let_go(4);
    for number in [3, 4] {
        assert_eq!(poll(&mut readings[number - 1]), Poll::Ready(Some(number as u32 * 100)));
    }
    bench.all_turns_are_back();
}

#[test]
fn those_that_wait_go_to_the_turn_that_is_left() {
    let bench = Bench::new(2);
    let mut readings = bench.begun(3);
    bench.tasks.cut_off(0);
    assert_eq!(poll(&mut readings[0]), Poll::Ready(None));
    bench.let_go(1);
    assert_eq!(bench.questions()[2..], [vec![3]]);
    bench.let_go(2);
    assert_eq!(poll(&mut readings[2]), Poll::Ready(Some(300)));
    assert_eq!(poll(&mut readings[1]), Poll::Ready(Some(200)));
    bench.all_turns_are_back();
}

#[test]
fn a_statement_has_a_bound() {
    let bench = Bench::new(1);
    let most = u32::try_from(MOST).unwrap();
    let mut readings = bench.begun(1 + most + 8);
    bench.let_go(0);
    bench.let_go(1);
    bench.let_go(2);
    assert!(readings.iter_mut().all(|reading| poll(reading).is_ready()));
    assert_eq!(bench.questions().iter().map(Vec::len).collect::<Vec<_>>(), [1, MOST, 8]);
    bench.all_turns_are_back();
}
