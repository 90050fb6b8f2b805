// Does a harness bite? Each mutation breaks one promise of the crate in a copy of it; the harness must find it.
//
// A mutation is [name, file, old text, new text, …], with another file where it goes on in that one. One whose text is not in
// the source exactly once is an error: it has to follow the source. Prints a table; the exit code is 0 only if each is found.

import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** What each harness must find: the rules of when a session ends. */
export const LIMITS = [
  ['the leeway is added', 'src/policy/ceiling/value.rs',
    'end.saturating_sub(leeway).saturating_sub(fraction)', 'end.saturating_add(leeway).saturating_sub(fraction)'],
  ['over a second late', 'src/policy/deadline/admit.rs', 'if now.time() >= deadline.at {', 'if now.time() > deadline.at {'],
  ['the absolute limit is not looked at', 'src/policy/deadline/lifetime.rs',
    'if absolute.at <= idle.at { absolute } else { idle }', 'if false { absolute } else { idle }'],
  ['the idle limit is not looked at', 'src/policy/deadline/lifetime.rs',
    'if absolute.at <= idle.at { absolute } else { idle }', 'if true { absolute } else { idle }'],
  ['a refresh moves the ceiling later', 'src/policy/ceiling/fix.rs',
    'if renewed { asserted } else { asserted.min(end) }', 'if renewed { asserted } else { asserted }'],
  ['a refresh does not move the ceiling earlier', 'src/policy/ceiling/fix.rs',
    'if renewed { asserted } else { asserted.min(end) }', 'if renewed { asserted } else { end }'],
  ['the deadline is looked at once, before the handler', 'src/session/live_session.rs',
    '    admit(deadline, now)?;\n', '    let _ = admit(deadline, now);\n'],
  ['a logout leaves the record', 'src/session/ending.rs',
    'sealed.delete(&id, Some(entry), reason).await?', '{ let _ = (sealed, id); entry.end(reason) }'],
];

/** Seconds for a build and a run: a mutation can make them go on for ever. */
const LONGEST = 1_200;
const TIMED_OUT = 124;

/**
 * @param mutations all of them; `wanted` are the numbers of those to try, none for all
 * @param paths what the copy needs besides the crate itself
 * @param command what is run in the copy, and `env` what it needs
 */
export function mutate({ mutations, wanted, paths, command, env = {} }) {
  const root = execFileSync('git', ['rev-parse', '--show-toplevel'], { encoding: 'utf8' }).trim();
  const folder = mkdtempSync(join(tmpdir(), 'mutations-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const listed = execFileSync('git', ['ls-files', '-z', 'src', 'Cargo.toml', 'Cargo.lock', 'examples', 'README.md', ...paths],
    { cwd: root, encoding: 'utf8' });
  for (const file of listed.split('\0').filter(Boolean)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(root, file), join(folder, file));
  }

  /** Whether all goes well; with the first invariant that does not hold. */
  function run() {
    // It ends what cargo has started, too.
    const ran = spawnSync('timeout', [`${LONGEST}`, ...command], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      env: { ...process.env, CARGO_TARGET_DIR: join(folder, 'target'), CARGO_INCREMENTAL: '0', RUST_BACKTRACE: '0', ...env },
    });
    if (ran.error) throw ran.error;
    if (ran.status === TIMED_OUT) return { found: true, by: 'no end' };
    const text = ran.stdout + ran.stderr;
    if (/error(\[E\d+\])?: /.test(text) && /could not compile/.test(text)) {
      return { broken: text.split('\n').filter((line) => line.startsWith('error')).join('; ') };
    }
    const by = /\b(I\d) \(/.exec(text)?.[1] ?? '';
    // Found is what breaks an invariant or an assertion; a full disk is not.
    if (ran.status !== 0 && !by && !/panicked at/.test(text)) return { broken: `exit code ${ran.status}: ${text.slice(-400).replaceAll('\n', ' ')}` };
    return { found: ran.status !== 0, by };
  }

  const untouched = run();
  if (untouched.broken || untouched.found) {
    console.error('it fails without any mutation', untouched);
    process.exit(1);
  }
  console.log('| | mutation | found by |\n|---|---|---|');
  let missed = 0;
  mutations.forEach(([name, ...parts], index) => {
    if (wanted.length > 0 && !wanted.includes(index + 1)) return;
    const sources = new Map();
    const mutated = new Map();
    for (let at = 0, path = ''; at < parts.length; at += 2) {
      if (/^src\/\S+\.rs$/.test(parts[at])) {
        path = join(folder, parts[at]);
        sources.set(path, readFileSync(path, 'utf8'));
        mutated.set(path, sources.get(path));
        at += 1;
      }
      const [old, text] = [parts[at], parts[at + 1]];
      if (sources.get(path).split(old).length !== 2) {
        console.log(`| ${index + 1} | ${name} | its text is not in ${path.slice(folder.length + 1)} once |`);
        missed += 1;
        return;
      }
      mutated.set(path, mutated.get(path).replace(old, () => text));
    }
    mutated.forEach((text, path) => writeFileSync(path, text));
    const { broken, found, by } = run();
    sources.forEach((text, path) => writeFileSync(path, text));
    const result = broken ? `it does not run: ${broken}` : found ? by || 'a failure' : 'NOT FOUND';
    if (broken || !found) missed += 1;
    console.log(`| ${index + 1} | ${name} | ${result} |`);
  });
  const tried = wanted.length || mutations.length;
  console.log(`${tried - missed} of ${tried} found`);
  process.exit(missed > 0 ? 1 : 0);
}
