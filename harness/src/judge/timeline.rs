//! Calls, callbacks and the peer's side in the order in which they happened.
//!
//! The subject's agent counts from when its plan began, the peer from when its script was armed. Agents of this
//! machine read the clock that the peer reads, and say what it said when the plan began. Of others nobody knows, but
//! a plan cannot begin before the script is armed, nor end after its answer is there: so much is certain anywhere.

use winhttp_host::Answer;
use winhttp_machine::{Notification, Observation, Seen, Step as PlanStep, Word};
use winhttp_origin::Transcript;
use winhttp_reports::record::{Clock, Lane, Moment};
use winhttp_spec::functions::Returns;
use winhttp_spec::statuses;

use super::{Facts, conversation, ending, information, outcome_text, rules};
use crate::case::Step;
use crate::compile::{Compiled, Part};
use crate::display::any_of;

/// What the machine's clock may be read late, in microseconds.
const READING: i64 = 100;

/// When a question was put.
#[derive(Clone, Copy, Debug, Default)]
pub struct Timing {
    /// How long it took from before the peer's script was armed until the answer was there, in microseconds.
    pub took_us: u64,
    /// The subject reads the clock of this machine.
    pub here: bool,
}

/// What happened when.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    /// Oldest first; none where nothing happened beside the calls.
    pub moments: Vec<Moment>,
    /// How the peer's times relate to those of the calls, if the peer had a part.
    pub clock: Option<Clock>,
}

/// Everything that happened, on one clock.
#[must_use]
pub fn timeline(
    compiled: &Compiled,
    answer: &Answer,
    seen_by_peer: Option<&Transcript>,
    timing: Timing,
) -> Timeline {
    let observation = ending::observation(answer);
    // Without that nobody knows when anything was.
    let known = matches!(answer, Answer::Observed(_)) || observation.began_unix_us != 0;
    let seen_by_peer = seen_by_peer.filter(|transcript| !transcript.connections.is_empty());
    let begin = seen_by_peer.map(|transcript| begin(known.then_some(&observation), transcript, timing));
    let mut ordered = match begin {
        Some((began, _)) => seen_by_peer.map(|it| peers(it, began)).unwrap_or_default(),
        None => Vec::new(),
    };
    let facts = Facts { compiled, observation: &observation };
    if ordered.is_empty() && facts.observation.callbacks.is_empty() {
        return Timeline::default();
    }
    ordered.extend(facts.callback_moments());
    ordered.extend(facts.call_moments());
    if let Some(number) = ending::unreturned(compiled, answer).filter(|_| known) {
        // When it began is not noted, for a wait may stand before it; that it did not return is so at the end.
        let text = format!("{}. {} did not return", number + 1, short(&compiled.parts[number].step));
        let last = ordered.iter().map(|it| it.moment.micros).max().unwrap_or(0);
        ordered.push(Ordered::new(last, Lane::Call, text, (u64::MAX, u64::MAX)));
    }
    ordered.sort_by_key(|it| (it.moment.micros, it.place));
    Timeline { moments: joined(ordered), clock: begin.map(|(_, clock)| clock) }
}

/// When the plan began, in microseconds since the script was armed, and how well that is known.
fn begin(observation: Option<&Observation>, transcript: &Transcript, timing: Timing) -> (u64, Clock) {
    let Some(observation) = observation else { return (0, Clock::Apart) };
    // It began no later than this.
    let latest = timing.took_us.saturating_sub(ended(observation));
    let told = (observation.began_unix_us as i64).wrapping_sub(transcript.armed_unix_us as i64);
    match Some(told).filter(|told| (-READING..=latest as i64 + READING).contains(told)) {
        Some(told) if timing.here => (told.max(0) as u64, Clock::Same),
        Some(told) => {
            let told = told.clamp(0, latest as i64) as u64;
            (told, Clock::Within(told.max(latest - told)))
        }
        None => (latest / 2, Clock::Within(latest.div_ceil(2))),
    }
}

/// When the last thing happened of which the time is known.
fn ended(observation: &Observation) -> u64 {
    let calls = observation.steps.iter().filter_map(|seen| match seen {
        Seen::Returned { micros, .. } => Some(micros.1),
        _ => None,
    });
    calls.max().unwrap_or(0)
}

/// A moment and its place among those of the same microsecond.
struct Ordered {
    moment: Moment,
    /// How many callbacks had come, twice, and one more for a callback; then the number of the step, likewise.
    place: (u64, u64),
    /// What the begin of a call is shown as where nothing happens before it ends.
    whole: Option<(usize, String)>,
}

impl Ordered {
    fn new(micros: u64, lane: Lane, text: String, place: (u64, u64)) -> Self {
        Self { moment: Moment { micros, lane, text }, place, whole: None }
    }
}

/// A step in few words: all of them stand beside the time line.
fn short(step: &Step) -> String {
    match step {
        Step::Call(call) => call.function.name.to_owned(),
        Step::Wait(wait) => {
            let on = wait.on.as_ref().map(|on| format!(" on {on}")).unwrap_or_default();
            format!("wait for {}{on}", any_of(&wait.statuses).replace(statuses::PREFIX, ""))
        }
        other => other.to_string(),
    }
}

/// A call during which nothing happened is one moment.
fn joined(ordered: Vec<Ordered>) -> Vec<Moment> {
    let mut moments = Vec::with_capacity(ordered.len());
    let mut ordered = ordered.into_iter().peekable();
    while let Some(Ordered { mut moment, whole, .. }) = ordered.next() {
        let ends = |next: &Ordered| {
            next.moment.lane == Lane::Call
                && next.whole.as_ref().map(|it| it.0) == whole.as_ref().map(|it| it.0)
        };
        if let Some((_, text)) = &whole
            && ordered.next_if(ends).is_some()
        {
            moment.text.clone_from(text);
        }
        moments.push(moment);
    }
    moments
}

fn peers(transcript: &Transcript, began: u64) -> Vec<Ordered> {
    let told = conversation::told(transcript).into_iter();
    let moment =
        |(at, text): (u64, _)| Ordered::new(at.saturating_sub(began), Lane::Peer, text, (u64::MAX, 0));
    told.map(moment).collect()
}

impl Facts<'_> {
    fn callback_moments(&self) -> Vec<Ordered> {
        let callbacks = (0..).zip(&self.observation.callbacks);
        let moments = callbacks.map(|(number, it)| {
            Ordered::new(it.micros, Lane::Callback, self.callback_text(it), (2 * number + 1, 0))
        });
        moments.collect()
    }

    fn callback_text(&self, it: &Notification) -> String {
        let status = rules::status_text(it.status);
        let status = status.strip_prefix(statuses::PREFIX).unwrap_or(&status);
        let mut text = format!("{status} on {}", self.handle_text(it.handle, it.step));
        match it.thread {
            0 => text.push_str(", the caller's thread"),
            thread => text.push_str(&format!(", thread {thread}")),
        }
        if it.callback != 0 {
            text.push_str(&format!(", recorder {}", it.callback));
        }
        if it.context != 0 {
            text.push_str(&format!(", context {:#x}", it.context));
        }
        let information = information::text(it, self);
        if !information.is_empty() {
            text.push_str(": ");
            text.push_str(&information);
        }
        text
    }

    /// The name that the case has for a handle; where its value was given away again, that of the last step before.
    pub(super) fn handle_text(&self, handle: u64, step: u32) -> String {
        let named = self.compiled.names.iter().filter_map(|(name, word)| {
            let at = match word {
                Word::Kept(at) => *at,
                _ => 0,
            };
            let made = self.compiled.parts.iter().find(|part| part.at == at)?;
            let Step::Call(call) = &made.step else { return None };
            let is_handle = call.function.returns == Returns::Handle || matches!(word, Word::Load(..));
            (is_handle && self.named(name) == Some(handle)).then_some((
                at > step,
                std::cmp::Reverse(at),
                name,
            ))
        });
        named.min().map_or_else(|| format!("{handle:#x}"), |(_, _, name)| format!("${name}"))
    }

    /// The begin and the end of every call whose times are known, and of the waits between them.
    fn call_moments(&self) -> Vec<Ordered> {
        let mut moments = Vec::new();
        for (number, part) in self.compiled.parts.iter().enumerate() {
            let name = format!("{}. {}", number + 1, short(&part.step));
            match (&part.step, super::seen(self.observation, part)) {
                (Step::Call(call), Seen::Returned { value, error, micros, callbacks, .. }) => {
                    let result = outcome_text(call.function, *value, *error);
                    self.call(&mut moments, number, &name, &result, *micros, *callbacks);
                }
                (Step::Wait(_), Seen::Waited(came)) => {
                    let result = if *came { "came" } else { "did not come" };
                    if let Some((micros, callbacks)) = self.waited(number) {
                        self.call(&mut moments, number, &name, result, micros, callbacks);
                    }
                }
                _ => {}
            }
        }
        for (number, step) in self.compiled.plan.finally.iter().enumerate() {
            let at = self.compiled.plan.steps.len() + number;
            if let (PlanStep::Call(call), Some(Seen::Returned { value, micros, callbacks, .. })) =
                (step, self.observation.steps.get(at))
            {
                let handle =
                    call.arguments.first().and_then(|word| self.compiled.name_of(*word)).unwrap_or_default();
                let name = format!("at the end: {}({handle})", call.function);
                let result = if *value == 0 { "FALSE" } else { "TRUE" };
                self.call(&mut moments, at + 1, &name, result, *micros, *callbacks);
            }
        }
        moments
    }

    fn call(
        &self,
        moments: &mut Vec<Ordered>,
        number: usize,
        name: &str,
        result: &str,
        (begin, end): (u64, u64),
        (before, after): (u32, u32),
    ) {
        // The rules `during:` and `after:` go by how many callbacks had come, so that is the order here; the begin is
        // when the step before ended, which may be a little early.
        let came = |number: u32| self.observation.callbacks.get(number as usize).map(|it| it.micros);
        let last = |count: u32| count.checked_sub(1).and_then(came).unwrap_or(0);
        let begin = begin.max(last(before)).min(came(before).unwrap_or(u64::MAX));
        let end = end.min(came(after).unwrap_or(u64::MAX)).max(last(after)).max(begin);
        let step = 2 * number as u64;
        let mut begins =
            Ordered::new(begin, Lane::Call, format!("{name} begins"), (2 * u64::from(before), step));
        begins.whole = Some((number, format!("{name}: {result}")));
        let mut ends =
            Ordered::new(end, Lane::Call, format!("{name} ends: {result}"), (2 * u64::from(after), step + 1));
        ends.whole = Some((number, String::new()));
        moments.extend([begins, ends]);
    }

    /// When a wait began and ended, which the calls around it tell where one thread made them.
    fn waited(&self, number: usize) -> Option<((u64, u64), (u32, u32))> {
        let parts = &self.compiled.parts;
        if parts.iter().any(|part| matches!(part.step, Step::When(_) | Step::Meanwhile(_))) {
            return None;
        }
        let times = |seen: &Seen| match seen {
            Seen::Returned { micros, callbacks, .. } => Some((*micros, *callbacks)),
            _ => None,
        };
        let of = |part: &Part| times(super::seen(self.observation, part));
        let (before, before_count) = parts.get(number.checked_sub(1)?).and_then(of)?;
        let next = parts.get(number + 1).and_then(of);
        let last = || times(self.observation.steps.get(self.compiled.plan.steps.len())?);
        let next = if number + 1 == parts.len() { last() } else { next };
        let (after, after_count) = next?;
        Some(((before.1, after.0), (before_count.1, after_count.0)))
    }
}
