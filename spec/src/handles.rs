//! The kinds of `HINTERNET` (page "HINTERNET handles in WinHTTP").

/// What a case may pass where the API takes an `HINTERNET`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HandleKind {
    /// `NULL`: for process-wide options.
    Null,
    /// From `WinHttpOpen`.
    Session,
    /// From `WinHttpConnect`.
    Connect,
    /// From `WinHttpOpenRequest`.
    Request,
    /// From `WinHttpWebSocketCompleteUpgrade`.
    WebSocket,
}

impl HandleKind {
    /// Every kind, from the root of the hierarchy to its leaves.
    pub const ALL: [Self; 5] = [Self::Null, Self::Session, Self::Connect, Self::Request, Self::WebSocket];

    /// The word used in case ids and in the case language.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Session => "session",
            Self::Connect => "connect",
            Self::Request => "request",
            Self::WebSocket => "websocket",
        }
    }
}
