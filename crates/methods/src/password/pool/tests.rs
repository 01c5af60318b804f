use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use super::*;

const LONG: Duration = Duration::from_mins(1);

/// Occupies one thread until the sender is dropped. Returns when the thread has begun.
fn block(pool: &Arc<Pool>) -> mpsc::Sender<()> {
    let (release, released) = mpsc::channel::<()>();
    let (begun, has_begun) = mpsc::channel();
    let pool = Arc::clone(pool);
    tokio::spawn(async move {
        pool.run(move |_| {
            let _ = begun.send(());
            let _ = released.recv();
        })
        .await
    });
    tokio::task::block_in_place(|| has_begun.recv().unwrap());
    release
}

fn pool(threads: usize, limit: usize, max_wait: Duration) -> Arc<Pool> {
    Arc::new(Pool::start(threads, limit, max_wait).unwrap())
}

async fn until(condition: impl Fn() -> bool) {
    while !condition() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_thread_works_off_any_number_of_jobs() {
    let pool = pool(1, 1000, LONG);
    let jobs: Vec<_> = (0..200)
        .map(|n| {
            let pool = Arc::clone(&pool);
            tokio::spawn(async move { pool.run(move |_| n).await.unwrap() })
        })
        .collect();
    for (n, job) in jobs.into_iter().enumerate() {
        assert_eq!(job.await.unwrap(), n);
    }
    assert_eq!(pool.depth(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_refuses_at_once_and_leaves_no_work() {
    let pool = pool(1, 1, LONG);
    let release = block(&pool);
    let waiting = tokio::spawn({
        let pool = Arc::clone(&pool);
        async move { pool.run(|_| "done").await }
    });
    until(|| pool.depth() == 1).await;
    let ran = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&ran);
    // The only thread is taken for as long as this test wants, so an answer is one given at once.
    let refused = pool
        .run(move |_| count.fetch_add(1, Ordering::SeqCst))
        .await
        .unwrap_err();
    assert!(refused.retry_after >= Duration::from_secs(1));
    assert_eq!(pool.depth(), 1);
    drop(release);
    assert_eq!(waiting.await.unwrap().unwrap(), "done");
    pool.run(|_| ()).await.unwrap();
    assert_eq!(ran.load(Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wait_past_the_deadline_is_refused_before_it_begins() {
    // The first guess for a job is 40 ms: half of one is before the next, one and a half before
    // the one after it.
    let pool = pool(1, 1000, Duration::from_millis(50));
    let release = block(&pool);
    let waiting = tokio::spawn({
        let pool = Arc::clone(&pool);
        async move { pool.run(|_| ()).await }
    });
    until(|| pool.depth() == 1).await;
    assert!(pool.run(|_| ()).await.is_err());
    drop(release);
    let _ = waiting.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_whose_caller_has_gone_is_never_run_and_keeps_nobody_out() {
    let pool = pool(1, 1, LONG);
    let release = block(&pool);
    let ran = Arc::new(AtomicUsize::new(0));
    let gone = tokio::spawn({
        let (pool, ran) = (Arc::clone(&pool), Arc::clone(&ran));
        async move { pool.run(move |_| ran.fetch_add(1, Ordering::SeqCst)).await }
    });
    until(|| pool.depth() == 1).await;
    gone.abort();
    let _ = gone.await;
    let mut next = std::pin::pin!(pool.run(|_| "served"));
    // One poll lets it join the queue, where there is place for one.
    tokio::select! {
        biased;
        early = &mut next => panic!("answered while the only thread is taken: {early:?}"),
        () = std::future::ready(()) => {}
    }
    assert_eq!(pool.depth(), 1);
    drop(release);
    assert_eq!(next.await.unwrap(), "served");
    assert_eq!(ran.load(Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_panics_costs_one_answer_and_no_thread() {
    let pool = pool(1, 10, LONG);
    for _ in 0..3 {
        assert!(pool.run(|_| panic!("on purpose")).await.is_err());
    }
    assert_eq!(pool.run(|_| 7).await.unwrap(), 7);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn hashing_threads_give_way_to_others() {
    let niceness = |stat: &str| {
        // proc(5): the 19th field; the second is a name in parentheses.
        let after_name = stat.rsplit_once(") ").unwrap().1;
        after_name
            .split(' ')
            .nth(16)
            .unwrap()
            .parse::<i32>()
            .unwrap()
    };
    let read = || std::fs::read_to_string("/proc/thread-self/stat").unwrap();
    let hashing = pool(1, 10, LONG)
        .run(move |_| niceness(&read()))
        .await
        .unwrap();
    assert!(hashing >= 10, "{hashing}");
    assert!(hashing > niceness(&read()) || hashing == 19);
}

mod bookkeeping {
    use super::super::job::{Job, Task};
    use super::super::queue::{Admission, Next, Queue};
    use super::*;

    type Answer = oneshot::Receiver<Result<(), HashingBusy>>;

    fn job(deadline: Instant) -> (Box<dyn Job>, Answer) {
        let (reply, answer) = oneshot::channel();
        (
            Box::new(Task::new(|_: &mut Memory| (), reply, deadline)),
            answer,
        )
    }

    #[test]
    fn a_job_whose_time_ran_out_in_the_queue_is_refused_unworked() {
        let mut queue = Queue::new(1, 10);
        let now = Instant::now();
        let (late, mut late_answer) = job(now);
        let (timely, _timely_answer) = job(now + LONG);
        assert_eq!(queue.admit(late, LONG), Admission::Queued);
        assert_eq!(queue.admit(timely, LONG), Admission::Queued);
        let later = now + Duration::from_secs(1);
        let Next::Refuse(late, wait) = queue.next(later) else {
            panic!("it was not refused")
        };
        late.refuse(wait);
        assert!(late_answer.try_recv().unwrap().is_err());
        assert!(matches!(queue.next(later), Next::Run(_)));
        assert!(matches!(queue.next(later), Next::Wait));
        queue.close();
        assert!(matches!(queue.next(later), Next::End));
    }

    #[test]
    fn the_wait_is_what_is_ahead_times_the_mean_over_the_threads() {
        let now = Instant::now();
        let mut queue = Queue::new(2, 100);
        for _ in 0..64 {
            queue.done(Duration::from_millis(100));
        }
        let mean = queue.mean_time();
        assert!(mean > Duration::from_millis(99) && mean <= Duration::from_millis(100));
        let mut answers = Vec::new();
        let mut admit = |queue: &mut Queue, max_wait| {
            let (job, answer) = job(now + LONG);
            answers.push(answer);
            queue.admit(job, max_wait)
        };
        for _ in 0..2 {
            assert_eq!(admit(&mut queue, Duration::ZERO), Admission::Queued);
            assert!(matches!(queue.next(now), Next::Run(_)));
        }
        // Two running are one half each over two threads: half a mean.
        for _ in 0..4 {
            let _ = admit(&mut queue, LONG);
        }
        // Four waiting add two means.
        let Admission::Refused { wait } = admit(&mut queue, Duration::from_millis(240)) else {
            panic!("it was let in");
        };
        assert!(
            wait > Duration::from_millis(240) && wait <= Duration::from_millis(250),
            "{wait:?}"
        );
        assert_eq!(
            admit(&mut queue, Duration::from_millis(260)),
            Admission::Queued
        );
    }
}
