//! What a request can tell once it has a response: addresses, counters, timings.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use windows_sys::Win32::Networking::{WinHttp as w, WinSock as s};

use crate::{
    clock::{self, Moment},
    wire::Wire,
};

/// Facts of one exchange, as they were when the response's head had been received, and of the body since.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    local: SocketAddr,
    remote: SocketAddr,
    opened: Moment,
    served: u32,
    bytes_in: u64,
    bytes_out: u64,
    marks: Marks,
    request_head: u64,
    response_head: u64,
    body: Arc<Tally>,
}

/// What is counted and timed while a body is read.
#[derive(Debug, Default)]
pub(super) struct Tally {
    received: AtomicU64,
    plain: AtomicU64,
    /// In nanoseconds, as the next.
    decompressing: AtomicU64,
    /// 0 until then.
    ended: AtomicU64,
}

impl Tally {
    pub(super) fn received(&self, bytes: usize) {
        self.received.fetch_add(bytes as u64, Relaxed);
    }

    pub(super) fn decompressed(&self, bytes: usize) {
        self.plain.fetch_add(bytes as u64, Relaxed);
    }

    pub(super) fn decompressing(&self, time: Duration) {
        self.decompressing.fetch_add(time.as_nanos() as u64, Relaxed);
    }

    /// The body has come to its end.
    pub(super) fn end(&self) {
        self.ended.store(clock::now().nanoseconds(), Relaxed);
    }
}

/// Moments of an exchange, as `WINHTTP_REQUEST_TIME_ENTRY` numbers them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Marks {
    entries: Vec<(i32, u64)>,
    connect_failures: u64,
}

impl Marks {
    pub(crate) fn now(&mut self, entry: i32) {
        // A clock with the nature of a performance counter: it only grows, from a moment that means nothing.
        self.entries.push((entry, clock::now().nanoseconds()));
    }

    /// One of the addresses did not answer.
    pub(crate) fn connection_failed(&mut self) {
        self.connect_failures += 1;
    }
}

impl Facts {
    pub(super) fn new(
        wire: &Wire,
        marks: Marks,
        request_head: usize,
        response_head: usize,
        body: Arc<Tally>,
    ) -> Facts {
        Facts {
            local: wire.local,
            remote: wire.remote,
            opened: wire.opened,
            served: wire.served,
            bytes_in: wire.bytes_in,
            bytes_out: wire.bytes_out,
            marks,
            request_head: request_head as u64,
            response_head: response_head as u64,
            body,
        }
    }

    pub(crate) fn connection_info(&self) -> w::WINHTTP_CONNECTION_INFO {
        w::WINHTTP_CONNECTION_INFO {
            cbSize: size_of::<w::WINHTTP_CONNECTION_INFO>() as u32,
            LocalAddress: storage(self.local),
            RemoteAddress: storage(self.remote),
        }
    }

    /// The first `count` timings; what did not happen is 0.
    pub(crate) fn times(&self, count: u32) -> w::WINHTTP_REQUEST_TIMES {
        let mut times = w::WINHTTP_REQUEST_TIMES { cTimes: count, rgullTimes: [0; 64] };
        let of_body = [
            (w::WinHttpReceiveResponseBodyDecompressionDelta, self.body.decompressing.load(Relaxed)),
            (w::WinHttpReceiveResponseEnd, self.body.ended.load(Relaxed)),
        ];
        for (entry, at) in self.marks.entries.iter().chain(&of_body) {
            if (*entry as u32) < count {
                times.rgullTimes[*entry as usize] = *at;
            }
        }
        times
    }

    /// The first `count` statistics; what was not measured is 0.
    pub(crate) fn stats(&self, count: u32) -> w::WINHTTP_REQUEST_STATS {
        let mut stats = w::WINHTTP_REQUEST_STATS {
            ullFlags: if self.served == 0 { w::WINHTTP_REQUEST_STAT_FLAG_FIRST_REQUEST.into() } else { 0 },
            ulIndex: self.served,
            cStats: count,
            rgullStats: [0; 32],
        };
        let measured = [
            (w::WinHttpConnectFailureCount, self.marks.connect_failures),
            (w::WinHttpRequestHeadersSize, self.request_head),
            (w::WinHttpResponseHeadersSize, self.response_head),
            (w::WinHttpResponseBodySize, self.body.plain.load(Relaxed)),
            // Of a body that is not compressed, what was received too; the page leaves that open.
            (w::WinHttpResponseBodyCompressedSize, self.body.received.load(Relaxed)),
        ];
        for (entry, value) in measured {
            if (entry as u32) < count {
                stats.rgullStats[entry as usize] = value;
            }
        }
        stats
    }

    /// What is known of the connection; of the rest the operating system tells nothing here, and it is 0.
    pub(crate) fn tcp_info_v0(&self) -> s::TCP_INFO_v0 {
        s::TCP_INFO_v0 {
            State: s::TCPSTATE_ESTABLISHED,
            ConnectionTimeMs: self.opened.elapsed().as_millis() as u64,
            BytesOut: self.bytes_out,
            BytesIn: self.bytes_in,
            ..Default::default()
        }
    }

    /// As [`Facts::tcp_info_v0`].
    pub(crate) fn tcp_info_v1(&self) -> s::TCP_INFO_v1 {
        let known = self.tcp_info_v0();
        s::TCP_INFO_v1 {
            State: known.State,
            ConnectionTimeMs: known.ConnectionTimeMs,
            BytesOut: known.BytesOut,
            BytesIn: known.BytesIn,
            ..Default::default()
        }
    }
}

/// An address as Windows lays out a `sockaddr_in` or `sockaddr_in6`, also where the platform's own differs.
fn storage(address: SocketAddr) -> s::SOCKADDR_STORAGE {
    let mut bytes = [0_u8; 126];
    bytes[0..2].copy_from_slice(&address.port().to_be_bytes());
    let family = match address {
        SocketAddr::V4(v4) => {
            bytes[2..6].copy_from_slice(&v4.ip().octets());
            s::AF_INET
        }
        SocketAddr::V6(v6) => {
            bytes[2..6].copy_from_slice(&v6.flowinfo().to_be_bytes());
            bytes[6..22].copy_from_slice(&v6.ip().octets());
            bytes[22..26].copy_from_slice(&v6.scope_id().to_ne_bytes());
            s::AF_INET6
        }
    };
    let signed = |range: std::ops::Range<usize>| bytes[range].iter().map(|byte| *byte as i8);
    let mut storage = s::SOCKADDR_STORAGE { ss_family: family, ..Default::default() };
    storage.__ss_pad1.iter_mut().zip(signed(0..6)).for_each(|(to, from)| *to = from);
    storage.__ss_align = bytes[6..].first_chunk().map_or(0, |eight| i64::from_ne_bytes(*eight));
    storage.__ss_pad2.iter_mut().zip(signed(14..126)).for_each(|(to, from)| *to = from);
    storage
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv4_address_lies_behind_its_port() {
        let storage = storage("127.0.0.1:258".parse().unwrap());
        assert_eq!((storage.ss_family, storage.__ss_pad1), (2, [1, 2, 127, 0, 0, 1]));
    }

    #[test]
    fn an_ipv6_address_lies_behind_port_and_flow() {
        let storage = storage("[102:304:506:708::1]:258".parse().unwrap());
        assert_eq!((storage.ss_family, storage.__ss_pad1), (23, [1, 2, 0, 0, 0, 0]));
        assert_eq!(storage.__ss_align.to_ne_bytes(), [1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(storage.__ss_pad2[7], 1);
    }
}
