use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use super::*;

type Asked = Mutex<Vec<(Vec<u32>, Option<oneshot::Sender<()>>)>>;
type Reading<'a> = Pin<Box<dyn Future<Output = Option<u32>> + 'a>>;

/// Answers each question with its hundredfold once it is let; keeps what it was asked.
fn read<'a>(reads: &'a Arc<Reads<u32, u32>>, asked: &'a Asked, question: u32) -> Reading<'a> {
    Box::pin(reads.read(question, move |questions| {
        let (let_go, wait) = oneshot::channel();
        asked.lock().unwrap().push((questions.clone(), Some(let_go)));
        async move {
            wait.await.unwrap();
            questions.into_iter().map(|question| question * 100).collect()
        }
    }))
}

fn poll(reading: &mut Reading<'_>) -> Poll<Option<u32>> {
    reading.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

fn let_go(asked: &Asked, statement: usize) {
    asked.lock().unwrap()[statement].1.take().unwrap().send(()).unwrap();
}

fn questions(asked: &Asked) -> Vec<Vec<u32>> {
    asked.lock().unwrap().iter().map(|(questions, _)| questions.clone()).collect()
}

fn all_turns_are_back(reads: &Reads<u32, u32>) {
    let state = reads.state();
    assert_eq!((state.under_way, state.waiting.len()), (0, 0));
}

#[test]
fn a_crowd_shares_a_statement() {
    let (reads, asked) = (Reads::new(2), Asked::default());
    let mut readings: Vec<_> = (1..=6).map(|number| read(&reads, &asked, number)).collect();
    assert!(readings.iter_mut().all(|reading| poll(reading).is_pending()));
    assert_eq!(questions(&asked), [vec![1], vec![2]]);

    let_go(&asked, 1);
    assert_eq!(poll(&mut readings[1]), Poll::Ready(Some(200)));
    // The third leads; who asks now is too late for its statement.
    assert!(poll(&mut readings[2]).is_pending());
    let mut late = read(&reads, &asked, 7);
    assert!(poll(&mut late).is_pending());
    assert_eq!(questions(&asked)[2..], [vec![3, 4, 5, 6]]);
    let_go(&asked, 2);
    for number in [3, 4, 5, 6] {
        assert_eq!(poll(&mut readings[number - 1]), Poll::Ready(Some(number as u32 * 100)));
    }
    assert!(poll(&mut late).is_pending());
    assert_eq!(questions(&asked)[3..], [vec![7]]);
    let_go(&asked, 3);
    let_go(&asked, 0);
    assert_eq!(poll(&mut late), Poll::Ready(Some(700)));
    assert_eq!(poll(&mut readings[0]), Poll::Ready(Some(100)));
    all_turns_are_back(&reads);
}

#[test]
fn nobody_depends_on_a_leader_whose_client_hangs_up() {
    let (reads, asked) = (Reads::new(1), Asked::default());
    let mut readings: Vec<_> = (1..=5).map(|number| Some(read(&reads, &asked, number))).collect();
    let poll_at = |readings: &mut Vec<Option<Reading<'_>>>, number: usize| {
        readings[number - 1].as_mut().map(poll).unwrap()
    };
    for number in 1..=5 {
        assert!(poll_at(&mut readings, number).is_pending());
    }
    // Before it leads, …
    readings[1] = None;
    // … while it reads alone, …
    readings[0] = None;
    assert!(poll_at(&mut readings, 3).is_pending());
    assert_eq!(questions(&asked), [vec![1], vec![3, 4, 5]]);
    // … and while others share its statement.
    readings[2] = None;
    assert!(poll_at(&mut readings, 4).is_pending());
    assert_eq!(questions(&asked)[2..], [vec![4, 5]]);
    let_go(&asked, 2);
    assert_eq!(poll_at(&mut readings, 4), Poll::Ready(Some(400)));
    assert_eq!(poll_at(&mut readings, 5), Poll::Ready(Some(500)));
    all_turns_are_back(&reads);
}

#[test]
fn a_turn_that_was_handed_over_and_not_taken_goes_on() {
    let (reads, asked) = (Reads::new(1), Asked::default());
    let mut readings: Vec<_> = (1..=3).map(|number| read(&reads, &asked, number)).collect();
    assert!(readings.iter_mut().all(|reading| poll(reading).is_pending()));
    let_go(&asked, 0);
    assert_eq!(poll(&mut readings[0]), Poll::Ready(Some(100)));
    // The second was told to lead and never looked.
    drop(readings.remove(1));
    assert!(poll(&mut readings[1]).is_pending());
    assert_eq!(questions(&asked), [vec![1], vec![3]]);
    drop(readings);
    all_turns_are_back(&reads);
}

#[test]
fn a_statement_has_a_bound() {
    let (reads, asked) = (Reads::new(1), Asked::default());
    let crowd = u32::try_from(MOST).unwrap() + 10;
    let mut readings: Vec<_> = (0..crowd).map(|number| read(&reads, &asked, number)).collect();
    assert!(readings.iter_mut().all(|reading| poll(reading).is_pending()));
    let_go(&asked, 0);
    for statement in 1.. {
        let ready = readings.extract_if(.., |reading| poll(reading).is_ready()).count();
        if readings.is_empty() {
            break;
        }
        assert!(ready > 0);
        let_go(&asked, statement);
    }
    assert_eq!(questions(&asked).iter().map(Vec::len).collect::<Vec<_>>(), [1, MOST + 1, 8]);
    all_turns_are_back(&reads);
}
