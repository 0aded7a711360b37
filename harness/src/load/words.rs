//! The words of the case language, each with what it takes. The parser, the suggestions for near misses and the JSON
//! Schema for editors all read these lists.

/// A key: the word, and what it takes, for editors.
pub struct Word {
    /// The key.
    pub name: &'static str,
    /// What it takes, in one line.
    pub takes: &'static str,
}

macro_rules! words {
    ($($name:literal: $takes:literal,)*) => { &[$(Word { name: $name, takes: $takes }),*] };
}

/// Keys of a file.
pub const FILE: &[Word] = words! {
    "about": "what the file is about, in a sentence",
    "covers": "requirement ids that every case of the file covers, unless it names its own",
    "origin": "what the peer does in every case of the file, unless it says otherwise",
    "ipv6": "true: the peer of every case listens on ::1",
    "isolated": "true: every case gets a process of its own",
    "cases": "the cases, by name",
};

/// Keys of a case.
pub const CASE: &[Word] = words! {
    "about": "what the case is about, where its name does not say it",
    "covers": "requirement ids, instead of the file's",
    "each": "axes: a mapping from names to lists or to named values (every combination), or a list of mappings (row by row, `as` names a row)",
    "origin": "what the peer does",
    "ipv6": "true: the peer listens on ::1, and $host is [::1]; skipped where there is no IPv6",
    "isolated": "true: the case gets a process of its own",
    "deadline": "how long the case may take, in milliseconds",
    "slow": "true: it lets much time pass; asked of a subject with a clock of its own, or with --slow",
    "steps": "the set-up and the question, in order",
    "callbacks": "rules that the recorded callbacks must keep",
    "requests": "the requests that the peer must have received, in order, and no others",
    "frames": "the WebSocket frames that the peer must have received, in order, and no others",
};

/// Keys of a set-up step, beside its kind.
pub const SETUP: &[Word] = words! {
    "from": "the handle to make it from, $name; without it, the handles above are made too",
    "async": "true: the session is opened with WINHTTP_FLAG_ASYNC",
};

/// Keys of a waiting step, beside `wait`.
pub const WAIT: &[Word] = words! {
    "on": "only on this handle, $name",
    "times": "until so many have come, counted from the case's begin",
    "within": "milliseconds, 5000 if not given",
    "comes": "false: the callback must not come",
};

/// Keys of a step with what to do in a callback, beside `when`.
pub const WHEN: &[Word] = words! {
    "do": "the steps, executed on the callback's thread; $callback is the handle that it is called with",
    "on": "only on this handle, $name",
    "nth": "in which of these callbacks, counted from here; the first if not given",
    "optional": "true: the callback need not come",
    "as": "a name for `join`",
};

/// Keys of a step with what another thread does, beside `meanwhile`.
pub const MEANWHILE: &[Word] = words! {
    "as": "a name for `join`",
};

/// Keys of a step that waits for other steps, beside `join`.
pub const JOIN: &[Word] = words! {
    "within": "milliseconds, 5000 if not given",
};

/// Keys of a calling step, beside the function.
pub const CALL: &[Word] = words! {
    "as": "a name for the result: $name later, and $name.parameter for memory",
    "last-error": "the last error is set to this before the call",
    "succeeds": "true: the call must succeed, by the function's return convention",
    "fails": "an error code, a list of codes, or true for any",
    "returns": "the exact return value",
    "either": "several allowed outcomes, each with the requirement that allows it",
    "open": "true: the outcome is not promised; the invariants still judge",
    "gives": "what the memory behind parameters must hold afterwards; without an outcome, the call must succeed",
    "unchanged": "parameters whose memory must be as before",
};

/// Keys of one outcome under `either`.
pub const OUTCOME: &[Word] = words! {
    "succeeds": "true",
    "fails": "an error code, a list of codes, or true for any",
    "returns": "the exact return value",
    "because": "the id of the requirement that allows this outcome",
};

/// Ways to write memory, beside the struct names.
pub const DATA: &[Word] = words! {
    "DWORD": "a 32-bit number",
    "BOOL": "a 32-bit truth value",
    "DWORD_PTR": "a pointer-sized number",
    "HINTERNET": "a handle",
    "LPVOID": "a pointer",
    "text": "UTF-16 text with its terminator",
    "chars": "UTF-16 text without terminator",
    "bytes": "bytes in hexadecimal digits",
    "space": "that many uninitialised bytes",
    "size": "beside the content: another size than the content's, in bytes",
    "edge": "beside the content, true: right before an unmapped page",
};

/// Ways to say what memory must hold, beside those to write it.
pub const MEMORY: &[Word] = words! {
    "one-of": "one of these texts or bytes",
    "behind": "a pointer, and this behind it: { text: … }, { STRUCT: { … } }, { STRUCT: [{ … }, { … }] }",
};

/// Ways to say what a number must be.
pub const NUMERIC: &[Word] = words! {
    "not": "not this",
    "at-least": "this or more",
    "at-most": "this or less",
    "one-of": "one of these",
};

/// Keys of a callback rule.
pub const CALLBACK: &[Word] = words! {
    "once": "exactly one callback with this status, or one of these",
    "at-most-once": "one callback with this status, or none",
    "never": "no callback with this status",
    "some": "one or more callbacks with this status",
    "last": "the last callback has this status",
    "before": "[A, B, …]: the first A comes before every B, and so on",
    "times": "beside `some`: exactly so many",
    "on": "only the callbacks of this handle, $name",
    "recorder": "only those of this recording callback, 0 to 3",
    "thread": "only those on the thread that makes the calls (caller), or on others (other)",
    "during": "only those between the begin and the end of this call, $name",
    "after": "only those after the end of this call, $name",
    "context": "they carry this context value",
    "with": "they come with this: NULL, memory as in `gives`, `length: n`, `at: $call.parameter`",
};

/// What a callback can come with, beside the ways to read memory.
pub const WITH: &[Word] = words! {
    "length": "dwStatusInformationLength",
    "at": "where lpvStatusInformation points: NULL, or $call.parameter",
};

/// Scripts of the peer.
pub const ORIGIN: &[Word] = words! {
    "ok": "answers every request with 200",
    "websocket": "completes the WebSocket handshake and sends back what comes; or does what the list says",
    "websocket-refuse": "answers every request with 200, also one for an upgrade",
    "silent": "reads requests and never answers",
    "deaf": "reads nothing at all",
    "unreachable": "neither accepts nor refuses a connection; skipped where the system has no such peer",
    "reset": "resets every connection at once",
    "close": "reads a request and closes the connection",
    "raw": "answers every request with these bytes",
    "routes": "answers by method and target, 404 where no route fits",
    "connections": "a script for the first connection, one for the next, the last for all that come later",
};

/// Phases of a reply, or of a connection: the list stands where a reply or a script does.
pub const PHASE: &[Word] = words! {
    "send": "text with escapes, { bytes: \"00ff\" }, or { text: …, repeat: n }",
    "response": "a response: status, reason, headers, body",
    "upgrade": "completes the WebSocket handshake; what is sent then are frames",
    "until": "waits: head, body, { body-bytes: n }, request, { connections: n } or closed",
    "stall": "never goes on; the connection stays open",
    "close": "closes the connection",
    "reset": "resets the connection",
};

/// Phases of a WebSocket.
pub const FRAME_PHASE: &[Word] = words! {
    "text": "sends a text message in one frame",
    "binary": "sends a binary message in one frame",
    "ping": "sends a Ping",
    "pong": "sends a Pong",
    "close": "sends a Close: { status, reason }",
    "frame": "sends a frame, right or wrong: opcode, final, reserved, masked, payload",
    "raw": "sends these bytes",
    "until": "waits for a frame: continuation, text, binary, close, ping or pong; or for one of several: [ping, pong]",
    "echo": "sends data back and answers Ping and Close, to the end",
    "stall": "never goes on; the connection stays open",
    "cut": "closes the connection",
    "reset": "resets the connection",
};

/// What is in a Close frame.
pub const CLOSE_FRAME: &[Word] = words! {
    "status": "the status",
    "reason": "the reason behind it",
};

/// Keys of a frame that the peer sends bit by bit.
pub const RAW_FRAME: &[Word] = words! {
    "opcode": "0 to 15",
    "final": "false: not the last of its message",
    "reserved": "the three reserved bits, 0 to 7",
    "masked": "true: masked, as only a client may",
    "payload": "what it carries",
};

/// Kinds of frames that the peer must have received, each with what it carries; `final` stands beside it.
pub const FRAME: &[Word] = words! {
    "continuation": "another part of a message",
    "text": "a text message, or its first part",
    "binary": "a binary message, or its first part",
    "close": "a Close: { status, reason }; {} for an empty one",
    "ping": "a Ping",
    "pong": "a Pong",
};

/// What a phase waits for.
pub const UNTIL: &[Word] = words! {
    "head": "the head of the next request has been read",
    "body": "the whole body of the request has been read",
    "body-bytes": "so many more bytes of the body have been read",
    "request": "the next request has been read, head and body",
    "connections": "so many connections are open, this one included",
    "closed": "the subject has ended the connection; until then requests are read",
};

/// Keys of a route.
pub const ROUTE: &[Word] = words! {
    "method": "the method; every one, if not given",
    "target": "the whole target as it is sent",
    "reply": "what to do",
    "replies": "what to do, in turn: the last is for all requests that come later",
};

/// Replies of a route.
pub const REPLY: &[Word] = words! {
    "response": "a response: status, reason, headers, body",
    "raw": "these bytes",
    "websocket": "completes the WebSocket handshake and sends back what comes; or does what the list says",
    "silent": "no answer",
    "close": "closes the connection",
    "reset": "resets the connection",
};

/// Keys of a response.
pub const RESPONSE: &[Word] = words! {
    "status": "the status code, 200 if not given",
    "reason": "the reason phrase",
    "headers": "[[Name, value], …], sent like this; Content-Length is added unless the length is given otherwise",
    "body": "text with the escapes \\r, \\n, \\t, \\\\ and \\xNN, or { bytes: \"00ff\" }",
};

/// Keys of `raw`.
pub const RAW: &[Word] = words! {
    "bytes": "text with the escapes \\r, \\n, \\t, \\\\ and \\xNN, or { bytes: \"00ff\" }",
    "then": "keep-open (if not given), close or reset",
};

/// What becomes of the connection after `raw` bytes.
pub const THEN: &[Word] = words! {
    "keep-open": "the next request is read",
    "close": "it is closed",
    "reset": "it is reset",
};

/// Ways to write what is sent or received.
pub const BYTES: &[Word] = words! {
    "text": "text with the escapes \\r, \\n, \\t, \\\\ and \\xNN",
    "bytes": "bytes in hexadecimal digits",
    "repeat": "beside them, where it can be long: that many times",
};

/// Keys of a request the peer must have received.
pub const REQUEST: &[Word] = words! {
    "method": "the method",
    "target": "the target as sent",
    "version": "HTTP/1.0 or HTTP/1.1",
    "headers": "name: value for exactly one such header; a list for several, in order; NULL for none; { one-of: [a, b] }, { list: [a, b] }, { starts-with: a }, { first: a }",
    "present": "names of headers that must be there, whatever their value",
    "absent": "names of headers that must not be there",
    "order": "names of headers that must be there in this order",
    "all-headers": "the names of all headers, in any order",
    "body": "the whole body: text with escapes, { bytes: … } or { text: …, repeat: n }; or { length: n }",
    "complete": "whether the whole body came",
    "connection": "same or new: whether it came on the connection of the request before",
};

/// Keys of a rule about a header's value.
pub const HEADER: &[Word] = words! {
    "first": "the first such header has this value; there may be others",
    "one-of": "one such header, with one of these values",
    "list": "all such headers together are this list, whatever is between its members",
    "starts-with": "one such header, whose value begins like this",
};

/// Keys of a rule about a body.
pub const BODY: &[Word] = words! {
    "text": "text with the escapes \\r, \\n, \\t, \\\\ and \\xNN",
    "bytes": "bytes in hexadecimal digits",
    "repeat": "beside them: that many times",
    "length": "only how many bytes",
};

/// The names alone.
pub fn names(words: &'static [Word]) -> impl Iterator<Item = &'static str> {
    words.iter().map(|word| word.name)
}
