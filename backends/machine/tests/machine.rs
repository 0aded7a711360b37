//! The machine over a table of functions that are right, wrong, or not there.
#![allow(unsafe_code, missing_docs, clippy::unwrap_used)]

use std::cell::Cell;
use std::sync::Arc;

use rstest::rstest;
use winhttp_machine::{
    Address, Buffer, Bytes, Call, Copy, Join, Machine, Mark, Observation, Payload, Place, Plan, Put, Seen,
    Shape, Step, Table, Wait, When, Word,
};

thread_local!(static ERROR: Cell<u32> = const { Cell::new(0) });

type Callback = extern "system" fn(usize, usize, u32, *const u8, u32);

extern "system" fn get_last_error() -> u32 {
    ERROR.get()
}
extern "system" fn set_last_error(value: u32) {
    ERROR.set(value);
}
extern "system" fn fill(buffer: *mut u8, length: u32) -> i32 {
    for at in 0..length as usize {
        // SAFETY: it lies in the buffer, or in the strip behind it that is there to be written to by mistake.
        unsafe { buffer.add(at).write(7) };
    }
    1
}
extern "system" fn sum(a: u32, b: u16, c: u64, d: u64, e: u64, f: u64, g: u64, h: u64) -> u64 {
    u64::from(a) + u64::from(b) + c + d + e + f + g + h
}
extern "system" fn fail() -> i32 {
    ERROR.set(87);
    0
}
extern "system" fn notify(callback: Callback, other_thread: i32) -> i32 {
    let report = move || callback(5, 6, 7, [1_u8, 2, 3].as_ptr(), 3);
    if other_thread == 0 {
        report();
    } else {
        std::thread::spawn(report);
    }
    1
}
extern "system" fn notify_of(callback: Callback, information: *const u8, length: u32) -> i32 {
    callback(5, 6, 7, information, length);
    1
}
extern "system" fn text(out: *mut *const u16) {
    static TEXT: [u16; 3] = [104, 105, 0];
    // SAFETY: the plans give memory for a pointer.
    unsafe { out.write(TEXT.as_ptr()) };
}

fn machine() -> Machine {
    let find = |name: &str| {
        Some(Address(match name {
            "GetLastError" => get_last_error as *const (),
            "SetLastError" => set_last_error as *const (),
            "Fill" => fill as *const (),
            "Sum" => sum as *const (),
            "Fail" => fail as *const (),
            "Notify" => notify as *const (),
            "NotifyOf" => notify_of as *const (),
            "Text" => text as *const (),
            _ => return None,
        }))
    };
    // SAFETY: every entry takes and returns numbers and pointers.
    Machine::new(unsafe { Table::new(find) })
}

fn call(function: &str, arguments: Vec<Word>) -> Call {
    Call { function: function.into(), arguments, ..Call::default() }
}

// The callbacks are recorded for the whole process: one machine at a time.
static ONE: std::sync::Mutex<()> = std::sync::Mutex::new(());

fn nobody() -> Arc<dyn Mark> {
    Arc::new(())
}

fn run(plan: &Plan) -> Observation {
    let _one = ONE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    machine().run(plan, &nobody()).unwrap()
}

fn value(seen: &Seen) -> u64 {
    match seen {
        Seen::Returned { value, .. } => *value,
        other => panic!("{other:?}"),
    }
}

#[test]
fn words_reach_the_function_and_its_value_comes_back() {
    let words = [1, 2, 3, 4, 5, 6, 7, 8].map(Word::Number).to_vec();
    let plan = Plan { steps: vec![Step::Call(call("Sum", words))], ..Plan::default() };
    assert_eq!(value(&run(&plan).steps[0]), 36);
}

#[rstest]
#[case::inside(4, None)]
#[case::one_past(5, Some((4, 1)))]
#[case::many_past(20, Some((4, 16)))]
fn writes_past_the_declared_length_are_seen(#[case] written: u64, #[case] overrun: Option<(i64, u32)>) {
    let fill = Call {
        copy: vec![Copy::Range(0, 0, 4)],
        ..call("Fill", vec![Word::Pointer(0, 0), Word::Number(written)])
    };
    let plan = Plan {
        buffers: vec![Buffer { length: 4, ..Buffer::default() }],
        steps: vec![Step::Call(fill)],
        ..Plan::default()
    };
    let seen = run(&plan);
    assert_eq!(seen.overruns.first().map(|it| (it.offset, it.length)), overrun);
    assert!(
        matches!(&seen.steps[0], Seen::Returned { copies, .. } if copies[0] == Some(Bytes::from(vec![7; 4])))
    );
}

#[test]
fn a_buffer_at_the_edge_can_be_written_to_its_end() {
    let buffers = vec![Buffer { length: 5, place: Place::Edge, bytes: Bytes::from(vec![1, 2]) }];
    let fill =
        Call { copy: vec![Copy::Range(0, 0, 5)], ..call("Fill", vec![Word::Pointer(0, 1), Word::Number(4)]) };
    let seen = run(&Plan { buffers, steps: vec![Step::Call(fill)], ..Plan::default() });
    assert!(
        matches!(&seen.steps[0], Seen::Returned { copies, .. } if copies[0] == Some(Bytes::from(vec![1, 7, 7, 7, 7])))
    );
}

#[test]
fn the_last_error_is_set_before_and_read_after() {
    let untouched = Call { last_error: Some(42), ..call("Sum", vec![Word::Number(0); 8]) };
    let failing = Call { last_error: Some(42), ..call("Fail", vec![]) };
    let seen = run(&Plan { steps: vec![Step::Call(untouched), Step::Call(failing)], ..Plan::default() });
    let errors: Vec<_> = seen
        .steps
        .iter()
        .map(|step| match step {
            Seen::Returned { error, .. } => *error,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(errors, [42, 87]);
}

#[test]
fn an_unmet_requirement_skips_to_the_end_and_finally_still_runs() {
    let plan = Plan {
        buffers: vec![],
        steps: vec![
            Step::Call(Call { success: Some(true), require: true, ..call("Fail", vec![]) }),
            Step::Call(call("Sum", vec![Word::Number(1); 8])),
        ],
        finally: vec![
            Step::Call(Call { unless_zero: Some(Word::Kept(0)), ..call("Fail", vec![]) }),
            Step::Call(call("Sum", vec![Word::Number(1); 8])),
        ],
        ..Plan::default()
    };
    let seen = run(&plan);
    assert_eq!(seen.steps[1..3], [Seen::NotReached, Seen::NotReached]);
    assert_eq!(value(&seen.steps[3]), 8);
}

#[test]
fn a_function_that_is_not_there_is_said_to_be_so() {
    let seen = run(&Plan { steps: vec![Step::Call(call("Nothing", vec![]))], ..Plan::default() });
    assert_eq!(seen.steps, [Seen::NotExported]);
}

#[rstest]
#[case::same_thread(0)]
#[case::other_thread(1)]
fn callbacks_are_recorded_with_payload_and_thread(#[case] other: u64) {
    let notify = call("Notify", vec![Word::Callback(2), Word::Number(other)]);
    let wait = Wait { statuses: vec![7], handle: Some(Word::Number(5)), times: 1, timeout_ms: 10_000 };
    let seen = run(&Plan { steps: vec![Step::Call(notify), Step::Wait(wait)], ..Plan::default() });
    assert_eq!(seen.steps[1], Seen::Waited(true));
    let [it] = &seen.callbacks[..] else { panic!("{:?}", seen.callbacks) };
    assert_eq!((it.callback, it.handle, it.context, it.status, it.length), (2, 5, 6, 7, 3));
    assert_eq!(it.payload, Bytes::from(vec![1, 2, 3]));
}

#[rstest]
#[case::by_its_length(None, &[1, 2])]
#[case::as_so_many_bytes(Some(Shape::Bytes(4)), &[1, 2, 3, 4])]
#[case::as_text(Some(Shape::Text), &[1, 2, 3, 4, 5, 6])]
fn information_is_read_as_the_plan_says_and_found_in_its_memory(
    #[case] shape: Option<Shape>,
    #[case] payload: &[u8],
) {
    let notify = call("NotifyOf", vec![Word::Callback(0), Word::Pointer(1, 2), Word::Number(2)]);
    let seen = run(&Plan {
        buffers: vec![
            Buffer { length: 4, ..Buffer::default() },
            Buffer {
                length: 10,
                bytes: Bytes::from(vec![0, 0, 1, 2, 3, 4, 5, 6, 0, 0]),
                ..Buffer::default()
            },
        ],
        steps: vec![Step::Call(notify)],
        payloads: shape.map(|shape| Payload { status: 7, shape }).into_iter().collect(),
        ..Plan::default()
    });
    let [it] = &seen.callbacks[..] else { panic!("{:?}", seen.callbacks) };
    assert_eq!((&it.payload, it.at), (&Bytes::from(payload), Some((1, 2))));
}

#[test]
fn a_call_knows_the_callbacks_that_came_while_it_ran() {
    let notify = || Step::Call(call("Notify", vec![Word::Callback(0), Word::Number(0)]));
    let quiet = Step::Call(call("Sum", vec![Word::Number(1); 8]));
    let seen = run(&Plan { steps: vec![notify(), quiet, notify()], ..Plan::default() });
    let spans: Vec<_> = seen
        .steps
        .iter()
        .map(|seen| match seen {
            Seen::Returned { callbacks, .. } => *callbacks,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(spans, [(0, 1), (1, 1), (1, 2)]);
}

#[test]
fn so_many_callbacks_of_any_of_these_statuses_are_waited_for() {
    let notify = || Step::Call(call("Notify", vec![Word::Callback(0), Word::Number(1)]));
    let wait = |times, timeout_ms| Step::Wait(Wait { statuses: vec![8, 7], handle: None, times, timeout_ms });
    let seen = run(&Plan { steps: vec![notify(), notify(), wait(2, 10_000), wait(3, 1)], ..Plan::default() });
    assert_eq!(seen.steps[2..], [Seen::Waited(true), Seen::Waited(false)]);
}

#[test]
fn a_callback_of_an_earlier_plan_is_late() {
    static KEPT: std::sync::Mutex<Option<Callback>> = std::sync::Mutex::new(None);
    extern "system" fn keep(callback: Callback) {
        *KEPT.lock().unwrap() = Some(callback);
    }
    extern "system" fn call_kept() {
        KEPT.lock().unwrap().unwrap()(5, 6, 7, std::ptr::null(), 0);
    }
    let _one = ONE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let find = |name: &str| {
        Some(Address(match name {
            "Keep" => keep as *const (),
            "CallKept" => call_kept as *const (),
            _ => return None,
        }))
    };
    // SAFETY: every entry takes and returns numbers and pointers.
    let mut machine = Machine::new(unsafe { Table::new(find) });
    let mut run = |steps: Vec<Step>| machine.run(&Plan { steps, ..Plan::default() }, &nobody()).unwrap();
    run(vec![Step::Call(call("Keep", vec![Word::Callback(0)]))]);
    let during = run(vec![Step::Call(call("CallKept", vec![]))]);
    let after = run(vec![]);
    assert_eq!((during.callbacks.len(), after.late.len()), (0, 1));
}

#[test]
fn pointers_are_put_loaded_and_followed() {
    let follow =
        Call { copy: vec![Copy::Behind(0, vec![8], Shape::Text)], ..call("Text", vec![Word::Load(0, 0)]) };
    let plan = Plan {
        buffers: vec![Buffer { length: 16, bytes: Bytes::from(vec![0; 16]), place: Place::Watched }],
        steps: vec![Step::Put(Put { buffer: 0, offset: 0, word: Word::Pointer(0, 8) }), Step::Call(follow)],
        ..Plan::default()
    };
    let seen = run(&plan);
    assert!(
        matches!(&seen.steps[1], Seen::Returned { copies, .. } if copies[0] == Some(Bytes::from(vec![104, 0, 105, 0])))
    );
}

/// The buffer holds a pointer to itself, a text, a pointer to the text, and NULL.
#[rstest]
#[case::bytes(&[16], Shape::Bytes(3), Some(&b"h\0i"[..]))]
#[case::no_bytes(&[16], Shape::Bytes(0), Some(&b""[..]))]
#[case::behind_two_pointers(&[0, 16], Shape::NarrowText, Some(&b"h"[..]))]
#[case::behind_three(&[0, 0, 16], Shape::Text, Some(&b"h\0i\0"[..]))]
#[case::null(&[24], Shape::Bytes(4), None)]
#[case::null_on_the_way(&[0, 24], Shape::Bytes(4), None)]
#[case::null_long_before_the_end(&[0, 24, 8, 8], Shape::Text, None)]
fn paths_of_pointers_are_followed(
    #[case] offsets: &[u32],
    #[case] shape: Shape,
    #[case] found: Option<&[u8]>,
) {
    let copied = |success| {
        let follow = Call {
            success: Some(success),
            copy: vec![Copy::Behind(0, offsets.to_vec(), shape)],
            ..call("Fail", vec![])
        };
        let seen = run(&Plan {
            buffers: vec![Buffer {
                length: 32,
                bytes: Bytes::from([&[0; 8][..], b"h\0i\0\0\0\0\0", &[0; 16]].concat()),
                place: Place::Watched,
            }],
            steps: vec![
                Step::Put(Put { buffer: 0, offset: 0, word: Word::Pointer(0, 0) }),
                Step::Put(Put { buffer: 0, offset: 16, word: Word::Pointer(0, 8) }),
                Step::Call(follow),
            ],
            ..Plan::default()
        });
        match &seen.steps[2] {
            Seen::Returned { copies, .. } => copies[0].clone(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(copied(false), found.map(Bytes::from));
    assert_eq!(copied(true), None, "a call that fails promises nothing");
}

#[rstest]
#[case::no_pointer(vec![])]
#[case::half_a_pointer(vec![1])]
fn a_path_that_begins_nowhere_is_refused(#[case] offsets: Vec<u32>) {
    let follow = Call { copy: vec![Copy::Behind(0, offsets, Shape::Text)], ..call("Fail", vec![]) };
    let plan = Plan {
        buffers: vec![Buffer { length: 8, ..Buffer::default() }],
        steps: vec![Step::Call(follow)],
        ..Plan::default()
    };
    assert!(machine().run(&plan, &nobody()).is_err());
}

#[rstest]
#[case::no_such_buffer(vec![Word::Pointer(1, 0)])]
#[case::behind_the_buffer(vec![Word::Pointer(0, 5)])]
#[case::half_a_word(vec![Word::Load(0, 0)])]
#[case::no_such_callback(vec![Word::Callback(9)])]
#[case::too_many(vec![Word::Number(0); 13])]
fn a_plan_that_refers_to_nothing_is_refused(#[case] arguments: Vec<Word>) {
    let plan = Plan {
        buffers: vec![Buffer { length: 4, ..Buffer::default() }],
        steps: vec![Step::Call(call("Sum", arguments))],
        ..Plan::default()
    };
    assert!(machine().run(&plan, &nobody()).is_err());
}

#[rstest]
#[case("7", Word::Number(7))]
#[case("\"$3\"", Word::Kept(3))]
#[case("\"&0+8\"", Word::Pointer(0, 8))]
#[case("\"*1+4\"", Word::Load(1, 4))]
#[case("\"@2\"", Word::Callback(2))]
#[case("\"^\"", Word::Called)]
fn words_have_a_readable_form(#[case] text: &str, #[case] word: Word) {
    assert_eq!(serde_json::to_string(&word).unwrap(), text);
    assert_eq!(serde_json::from_str::<Word>(text).unwrap(), word);
}

/// The callback gets the steps that stand behind `When`, on its thread, and later steps see what they gave.
#[rstest]
#[case::same_thread(0)]
#[case::other_thread(1)]
fn steps_are_executed_in_a_callback(#[case] other: u64) {
    let sum = |first: Word| {
        let mut words = vec![Word::Number(1); 8];
        words[0] = first;
        Step::Call(call("Sum", words))
    };
    let when = When { statuses: vec![7], handle: Some(Word::Number(5)), nth: 1, steps: 1 };
    let steps = vec![
        Step::When(when),
        sum(Word::Called),
        Step::Call(call("Notify", vec![Word::Callback(0), Word::Number(other)])),
        Step::Join(Join { step: 0, timeout_ms: 10_000 }),
        sum(Word::Kept(1)),
    ];
    let seen = run(&Plan { steps, ..Plan::default() });
    assert_eq!((&seen.steps[0], &seen.steps[3]), (&Seen::Waited(true), &Seen::Waited(true)));
    assert_eq!((value(&seen.steps[1]), value(&seen.steps[4])), (12, 19));
    assert_eq!(seen.callbacks[0].until, Some(1));
}

#[rstest]
#[case::another_status(8, 5, 1)]
#[case::another_handle(7, 6, 1)]
#[case::only_the_second(7, 5, 2)]
fn steps_for_a_callback_that_does_not_come_are_not_reached(
    #[case] status: u32,
    #[case] handle: u64,
    #[case] nth: u32,
) {
    let when = When { statuses: vec![status], handle: Some(Word::Number(handle)), nth, steps: 1 };
    let steps = vec![
        Step::When(when),
        Step::Call(call("Sum", vec![Word::Number(1); 8])),
        Step::Call(call("Notify", vec![Word::Callback(0), Word::Number(0)])),
        Step::Join(Join { step: 0, timeout_ms: 1 }),
    ];
    let seen = run(&Plan { steps, ..Plan::default() });
    assert_eq!(seen.steps[..2], [Seen::Waited(false), Seen::NotReached]);
    assert_eq!(seen.steps[3], Seen::Waited(false));
    assert_eq!(seen.callbacks[0].until, None);
}

/// A callback inside the steps of a callback is one more callback.
#[test]
fn a_callback_may_come_while_another_is_at_work() {
    let notify = || Step::Call(call("Notify", vec![Word::Callback(0), Word::Number(0)]));
    let when = When { statuses: vec![7], handle: None, nth: 1, steps: 1 };
    let seen = run(&Plan { steps: vec![Step::When(when), notify(), notify()], ..Plan::default() });
    let untils: Vec<_> = seen.callbacks.iter().map(|callback| callback.until).collect();
    assert_eq!(untils, [Some(2), None]);
}

#[test]
fn steps_in_a_callback_leave_the_last_error_alone() {
    let when = When { statuses: vec![7], handle: None, nth: 1, steps: 1 };
    let notify = Call { last_error: Some(42), ..call("Notify", vec![Word::Callback(0), Word::Number(0)]) };
    let steps = vec![Step::When(when), Step::Call(call("Fail", vec![])), Step::Call(notify)];
    let seen = run(&Plan { steps, ..Plan::default() });
    let error = |seen: &Seen| match seen {
        Seen::Returned { error, .. } => *error,
        other => panic!("{other:?}"),
    };
    assert_eq!((error(&seen.steps[1]), error(&seen.steps[2])), (87, 42));
}

/// The thread waits for a callback that the plan's own thread brings about after it has started the other.
#[test]
fn steps_are_executed_beside_the_others() {
    let steps = vec![
        Step::Start(2),
        Step::Wait(Wait { statuses: vec![7], handle: None, times: 1, timeout_ms: 10_000 }),
        Step::Call(call("Sum", vec![Word::Number(1); 8])),
        Step::Call(call("Notify", vec![Word::Callback(0), Word::Number(0)])),
        Step::Join(Join { step: 0, timeout_ms: 10_000 }),
        Step::Call(call("Sum", [[Word::Kept(2)].as_slice(), &[Word::Number(1); 7]].concat())),
    ];
    let seen = run(&Plan { steps, ..Plan::default() });
    assert_eq!((&seen.steps[1], value(&seen.steps[5])), (&Seen::Waited(true), 15));
}

/// Without a `Join`, the end of the plan waits.
#[test]
fn a_plan_ends_with_its_threads() {
    let steps = vec![Step::Start(1), Step::Call(call("Sum", vec![Word::Number(1); 8]))];
    assert_eq!(value(&run(&Plan { steps, ..Plan::default() }).steps[1]), 8);
}

/// What runs in a callback is to blame, and afterwards what ran before.
#[test]
fn marks_name_the_step_that_is_running() {
    #[derive(Default)]
    struct Marks(std::sync::Mutex<Vec<u32>>);
    impl Mark for Marks {
        fn step(&self, step: u32) {
            self.0.lock().unwrap().push(step);
        }
    }
    let when = When { statuses: vec![7], handle: None, nth: 1, steps: 1 };
    let steps = vec![
        Step::When(when),
        Step::Call(call("Sum", vec![Word::Number(1); 8])),
        Step::Call(call("Notify", vec![Word::Callback(0), Word::Number(0)])),
    ];
    let _one = ONE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let marks = Arc::new(Marks::default());
    machine().run(&Plan { steps, ..Plan::default() }, &(Arc::clone(&marks) as Arc<dyn Mark>)).unwrap();
    assert_eq!(*marks.0.lock().unwrap(), [0, 2, 1, 2]);
}

#[rstest]
#[case::too_few_steps(Step::When(When { statuses: vec![7], handle: None, nth: 1, steps: 1 }))]
#[case::too_few_steps_beside(Step::Start(1))]
#[case::a_step_that_has_none_behind_it(Step::Join(Join { step: 0, timeout_ms: 1 }))]
fn steps_that_are_not_there_are_refused(#[case] step: Step) {
    assert!(machine().run(&Plan { steps: vec![step], ..Plan::default() }, &nobody()).is_err());
}
