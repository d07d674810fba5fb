//! What Prometheus is shown.
#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;

/// The page after some code has counted.
fn page(count: impl FnOnce()) -> String {
    let recorder = Recorder::default();
    metrics::with_local_recorder(&recorder, count);
    recorder.render()
}

#[test]
fn nothing_counted_is_an_empty_page() {
    assert_eq!(page(|| ()), "");
}

#[test]
fn counters_and_gauges_are_one_line_for_each_set_of_labels() {
    let text = page(|| {
        metrics::counter!("orders_total", "kind" => "b").increment(2);
        metrics::counter!("orders_total", "kind" => "a").increment(1);
        metrics::counter!("orders_total", "kind" => "b").increment(3);
        metrics::counter!("plain_total").absolute(7);
        metrics::gauge!("behind").set(1.5);
        metrics::gauge!("behind").increment(1.0);
        metrics::gauge!("behind").decrement(0.25);
    });
    let expected = "# TYPE orders_total counter\norders_total{kind=\"a\"} 1\norders_total{kind=\"b\"} 5\n\n\
        # TYPE plain_total counter\nplain_total 7\n\n# TYPE behind gauge\nbehind 2.25\n\n";
    assert_eq!(text, expected);
}

#[test]
fn a_histogram_counts_what_is_at_most_its_bounds() {
    let text = page(|| {
        let seconds = metrics::histogram!("took_seconds", "of" => "x");
        for value in [0.0, 0.001, 0.0011, 1.0, 10.0, 11.0, f64::NAN] {
            seconds.record(value);
        }
        seconds.record_many(0.25, 2);
    });
    for line in [
        "# TYPE took_seconds histogram",
        "took_seconds_bucket{of=\"x\",le=\"0.001\"} 2",
        "took_seconds_bucket{of=\"x\",le=\"0.0025\"} 3",
        "took_seconds_bucket{of=\"x\",le=\"0.1\"} 3",
        "took_seconds_bucket{of=\"x\",le=\"0.25\"} 5",
        "took_seconds_bucket{of=\"x\",le=\"1\"} 6",
        "took_seconds_bucket{of=\"x\",le=\"10\"} 7",
        "took_seconds_bucket{of=\"x\",le=\"+Inf\"} 8",
        "took_seconds_sum{of=\"x\"} 22.5021",
        "took_seconds_count{of=\"x\"} 8",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    assert_eq!(text.lines().filter(|line| line.contains("_bucket")).count(), 13);
}

#[test]
fn labels_in_another_order_are_the_same_series() {
    let text = page(|| {
        metrics::counter!("calls_total", "b" => "2", "a" => "1").increment(1);
        metrics::counter!("calls_total", "a" => "1", "b" => "2").increment(1);
    });
    assert_eq!(text, "# TYPE calls_total counter\ncalls_total{b=\"2\",a=\"1\"} 2\n\n");
}

#[test]
fn names_and_values_are_spelled_so_that_they_can_be_read() {
    let text = page(|| {
        metrics::describe_counter!("my.calls-total", "Calls,\nwith \\ and \"");
        metrics::counter!("my.calls-total", "the path" => "a \"b\" \\ c\nd").increment(1);
        metrics::gauge!("9:lives", "0" => "é").set(f64::INFINITY);
    });
    let expected = "# HELP my_calls_total Calls,\\nwith \\\\ and \"\n# TYPE my_calls_total counter\n\
        my_calls_total{the_path=\"a \\\"b\\\" \\\\ c\\nd\"} 1\n\n# TYPE _:lives gauge\n_:lives{_=\"é\"} inf\n\n";
    assert_eq!(text, expected);
}

#[test]
fn many_at_once_lose_nothing() {
    let recorder = Recorder::default();
    std::thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| {
                metrics::with_local_recorder(&recorder, || {
                    for at in 0..1000 {
                        metrics::counter!("all_total", "at" => (at % 7).to_string()).increment(1);
                        metrics::histogram!("all_seconds").record(0.5);
                    }
                });
            });
        }
    });
    let text = recorder.render();
    let counted = text.lines().filter(|line| line.starts_with("all_total{"));
    let counts = counted.map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap());
    assert_eq!(counts.sum::<u64>(), 4000);
    assert!(text.contains("all_seconds_sum 2000\nall_seconds_count 4000\n"), "{text}");
}
