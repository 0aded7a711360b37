//! Cases made of the option table: option × handle × set or query × buffer × value; `handles` makes some of the
//! function table.
//!
//! What the table promises is expected; where the documentation says nothing the outcome stays open, and only the
//! invariants judge: no crash, no read or write beyond the declared length, the last error set, a documented error.
//! Every id is `matrix/<option>/<query|set>/<handle>/<buffer or value>`, and stays the same as long as the option does.

pub(crate) mod handles;
mod query;
mod set;

use winhttp_spec::handles::HandleKind;
use winhttp_spec::options::{Caution, Cell, Data, OPTIONS, WinHttpOption};
use winhttp_spec::requirements::ledger;
use winhttp_spec::structs::Width;

use crate::case::{Argument, CallStep, Case, Expect, Outcome, OutcomeKind, Scalar, SetupKind, Step};
use crate::make;

/// A length that no buffer has.
const HUGE: u32 = u32::MAX;

/// All of them.
#[must_use]
pub fn cases() -> Vec<Case> {
    OPTIONS.iter().flat_map(of).chain(handles::cases()).collect()
}

/// Those of one option.
#[must_use]
pub fn of(option: &WinHttpOption) -> Vec<Case> {
    // Without a number there is nothing to ask with; what is reserved for internal use is left alone.
    if option.value.is_none() || option.caution == Some(Caution::Internal) {
        return Vec::new();
    }
    let mut cases = vec![exists(option)];
    for handle in Handle::ALL {
        query::cases(option, handle, &mut cases);
        set::cases(option, handle, &mut cases);
    }
    cases
}

/// An option is recognised on at least one kind of handle.
fn exists(option: &WinHttpOption) -> Case {
    let slug = option.slug();
    let mut covers = vec![format!("option-flags/{slug}/exists")];
    covers.extend(
        Some(format!("option-flags/{slug}/table-since")).filter(|id| ledger().requirement(id).is_some()),
    );
    Case {
        id: format!("matrix/{slug}/exists"),
        covers,
        presence: Some(option.name.to_owned()),
        ..Case::default()
    }
}

/// What is passed as the handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Handle {
    Kind(HandleKind),
    /// A request handle that was closed.
    Closed,
    /// A number that was never a handle.
    Forged,
}

impl Handle {
    const ALL: [Self; 7] = [
        Self::Kind(HandleKind::Null),
        Self::Kind(HandleKind::Session),
        Self::Kind(HandleKind::Connect),
        Self::Kind(HandleKind::Request),
        Self::Kind(HandleKind::WebSocket),
        Self::Closed,
        Self::Forged,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Kind(kind) => kind.name(),
            Self::Closed => "closed",
            Self::Forged => "forged",
        }
    }

    /// The steps that obtain it, and the word to pass.
    fn obtain(self) -> (Vec<Step>, Scalar) {
        let setup = |kind| (vec![make::setup(kind, "h")], make::reference("h"));
        match self {
            Self::Kind(HandleKind::Null) => (Vec::new(), make::null()),
            Self::Kind(HandleKind::Session) => setup(SetupKind::Session),
            Self::Kind(HandleKind::Connect) => setup(SetupKind::Connect),
            Self::Kind(HandleKind::Request) => setup(SetupKind::Request),
            Self::Kind(HandleKind::WebSocket) => setup(SetupKind::WebSocket),
            Self::Forged => (Vec::new(), Scalar::Forged),
            Self::Closed => {
                let (mut steps, handle) = setup(SetupKind::Request);
                let close = make::call("WinHttpCloseHandle", vec![("hInternet", make::word(handle.clone()))]);
                steps.push(Step::Call(Box::new(close)));
                (steps, handle)
            }
        }
    }

    /// What the documentation says of this handle for an option.
    fn cell(self, option: &WinHttpOption) -> Cell {
        match self {
            Self::Kind(kind) => option.on(kind),
            Self::Closed | Self::Forged => Cell::No,
        }
    }
}

/// What a combination of handle and function comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Valid by the table.
    Valid,
    /// The handle is of a kind that the table excludes.
    WrongHandle,
    /// The table excludes the function.
    WrongFunction,
    /// Both.
    Wrong,
    /// No handle any more, or none ever.
    NoHandle,
    /// The documentation does not say, or contradicts itself.
    Open,
}

pub(crate) fn standing(option: &WinHttpOption, handle: Handle, function: Cell) -> Standing {
    if matches!(handle, Handle::Closed | Handle::Forged) {
        return Standing::NoHandle;
    }
    match (handle.cell(option), function) {
        (Cell::Yes, Cell::Yes) => Standing::Valid,
        (Cell::Yes, Cell::No) => Standing::WrongFunction,
        (Cell::No, Cell::Yes) => Standing::WrongHandle,
        (Cell::No, Cell::No) => Standing::Wrong,
        _ => Standing::Open,
    }
}

/// One case about one option.
struct Question<'a> {
    option: &'a WinHttpOption,
    handle: Handle,
    /// `query` or `set`.
    verb: &'static str,
    /// What is varied: `exact`, `short`, `value=15000`.
    variant: String,
    covers: Vec<String>,
}

impl Question<'_> {
    /// The case with these calls, which are given the handle and the option.
    fn case(
        self,
        calls: impl IntoIterator<Item = (&'static str, Vec<(&'static str, Argument)>, Expect)>,
    ) -> Case {
        let (mut steps, handle) = self.handle.obtain();
        for (function, arguments, expect) in calls {
            let mut all = vec![
                ("hInternet", make::word(handle.clone())),
                ("dwOption", make::word(Scalar::Number(make::constant(self.option.name)))),
            ];
            all.extend(arguments);
            steps.push(Step::Call(Box::new(CallStep { expect, ..make::call(function, all) })));
        }
        Case {
            id: format!(
                "matrix/{}/{}/{}/{}",
                self.option.slug(),
                self.verb,
                self.handle.name(),
                self.variant
            ),
            covers: self.covers,
            isolated: self.option.caution == Some(Caution::ProcessWide),
            steps,
            ..Case::default()
        }
    }
}

/// The table cells that a case about this option, handle and function covers; general promises come from the caller.
pub(crate) fn cells(option: &WinHttpOption, handle: Handle, verb: &str, general: &[&str]) -> Vec<String> {
    let slug = option.slug();
    let mut names = vec![format!("table-{verb}"), "table-type".to_owned()];
    if let Handle::Kind(kind @ (HandleKind::Session | HandleKind::Request)) = handle {
        names.push(format!("table-{}", kind.name()));
    }
    let mut covers: Vec<String> = names.iter().map(|name| format!("option-flags/{slug}/{name}")).collect();
    covers.retain(|id| ledger().requirement(id).is_some());
    if covers.is_empty() {
        covers.push(format!("option-flags/{slug}/exists"));
    }
    covers.extend(general.iter().map(|id| (*id).to_owned()));
    covers
}

pub(crate) fn succeeds() -> Expect {
    Expect { outcomes: vec![Outcome { kind: OutcomeKind::Succeeds, because: None }], ..Expect::default() }
}

pub(crate) fn fails(codes: &[&str]) -> Expect {
    let codes = codes.iter().map(|code| make::constant(code)).collect();
    Expect { outcomes: vec![Outcome { kind: OutcomeKind::Fails(codes), because: None }], ..Expect::default() }
}

/// Several codes, each with the requirement that allows it.
pub(crate) fn fails_because(codes: &[(&str, &str)]) -> Expect {
    let outcome = |(code, because): &(&str, &str)| Outcome {
        kind: OutcomeKind::Fails(vec![make::constant(code)]),
        because: Some((*because).to_owned()),
    };
    match codes {
        [(code, _)] => fails(&[code]),
        _ => Expect { outcomes: codes.iter().map(outcome).collect(), ..Expect::default() },
    }
}

pub(crate) fn open() -> Expect {
    Expect { open: true, ..Expect::default() }
}

/// A handle that is closed: ERROR_INVALID_HANDLE. One that never was: that, or the wrong type of handle, for no page
/// of these functions decides it.
pub(crate) fn no_handle(handle: Handle, function: &str) -> Expect {
    let wrong_type = format!("{function}/incorrect-handle-type");
    match handle {
        Handle::Closed => fails(&["ERROR_INVALID_HANDLE"]),
        _ => fails_because(&[
            ("ERROR_INVALID_HANDLE", "error-messages/invalid-handle"),
            ("ERROR_WINHTTP_INCORRECT_HANDLE_TYPE", &wrong_type),
        ]),
    }
}

/// Size of an option's buffer; `None` where it varies or is not documented.
pub(crate) fn size(option: &WinHttpOption) -> Option<u32> {
    option.data.size(Width::W64)
}

/// Whether the value is there only after something happened on the handle: a response, a handshake, a log-on.
pub(crate) fn needs_history(option: &WinHttpOption) -> bool {
    const SUFFIXES: [&str; 23] = [
        "CLIENT_CERT_ISSUER_LIST",
        "CONNECTION_INFO",
        "CONNECTION_STATS_V0",
        "CONNECTION_STATS_V1",
        "HTTP_PROTOCOL_USED",
        "IS_PROXY_CONNECT_RESPONSE",
        // Of a session: it has no parent, and no page says what is returned for one.
        "PARENT_HANDLE",
        "PASSPORT_COBRANDING_TEXT",
        "PASSPORT_COBRANDING_URL",
        "PASSPORT_RETURN_URL",
        "PROXY_SPN_USED",
        "REQUEST_STATS",
        "REQUEST_TIMES",
        "SECURITY_CERTIFICATE_STRUCT",
        "SECURITY_FLAGS",
        "SECURITY_INFO",
        "SECURITY_KEY_BITNESS",
        "SERVER_CBT",
        "SERVER_CERT_CHAIN_CONTEXT",
        "SERVER_CERT_CONTEXT",
        "SERVER_SPN_USED",
        "STREAM_ERROR_CODE",
        // Of a resource that has been downloaded.
        "URL",
    ];
    SUFFIXES.iter().any(|suffix| option.name.strip_prefix("WINHTTP_OPTION_") == Some(suffix))
}

/// Whether the page takes back what its table promises: obsolete on every Windows of today, deprecated, dependent on a
/// registry value that is absent by default, or, for ENABLETRACING's query, a cell that the prose knows nothing of.
fn is_vague(option: &WinHttpOption) -> bool {
    const NAMES: [&str; 6] = [
        "WINHTTP_OPTION_ENABLETRACING",
        "WINHTTP_OPTION_MAX_CONNS_PER_1_0_SERVER",
        "WINHTTP_OPTION_READ_BUFFER_SIZE",
        "WINHTTP_OPTION_REQUEST_PRIORITY",
        "WINHTTP_OPTION_WORKER_THREAD_COUNT",
        "WINHTTP_OPTION_WRITE_BUFFER_SIZE",
    ];
    NAMES.contains(&option.name) || option.caution == Some(Caution::Registry)
}

/// Whether the buffer is a 32-bit number.
pub(crate) fn is_number(option: &WinHttpOption) -> bool {
    matches!(option.data, Data::Dword | Data::Bool)
}
