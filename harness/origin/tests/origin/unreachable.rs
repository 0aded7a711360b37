//! A peer that neither accepts nor refuses a connection.

use crate::subject::{armed, connect, names, read_until, send};
use rstest::rstest;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpStream};
use std::time::Duration;
use winhttp_origin::{Family, Origin, Script};

/// More than connecting to oneself takes on a busy machine, and less than the system goes on trying.
const WHILE: Duration = Duration::from_millis(300);

fn is_left_waiting(address: IpAddr, port: u16) -> bool {
    let connected = TcpStream::connect_timeout(&(address, port).into(), WHILE);
    connected.is_err_and(|error| error.kind() == ErrorKind::TimedOut)
}

/// A machine without IPv6 has nothing to test there.
#[rstest]
#[case(Family::V4, Ipv4Addr::LOCALHOST.into())]
#[case(Family::V6, Ipv6Addr::LOCALHOST.into())]
fn connecting_neither_succeeds_nor_fails(#[case] family: Family, #[case] address: IpAddr) {
    let mut origin = Origin::start().unwrap();
    let Ok(port) = origin.port_at(family) else { return };
    origin.arm_at(family, Script::Unreachable).unwrap();
    for _ in 0..2 {
        assert!(is_left_waiting(address, port));
    }
    let transcript = origin.finish(Duration::ZERO);
    assert_eq!((transcript.connections, transcript.refused), (vec![], 0));
}

#[test]
fn the_next_case_is_reached() {
    let mut origin = Origin::start().unwrap();
    for _ in 0..100 {
        origin.arm(Script::Unreachable).unwrap();
        assert_eq!(origin.finish(Duration::ZERO).connections, []);
        origin.arm(Script::Ok).unwrap();
        read_until(&mut send(&origin, "GET / HTTP/1.1\r\n\r\n"), "ok");
        assert_eq!(origin.finish(Duration::ZERO).connections.len(), 1);
    }
}

#[test]
fn arming_again_is_reached_as_well() {
    let mut origin = armed(Script::Unreachable);
    let port = origin.port();
    origin.arm(Script::Ok).unwrap();
    assert_ne!(origin.port(), port);
    read_until(&mut send(&origin, "GET / HTTP/1.1\r\n\r\n"), "ok");
}

#[test]
fn a_case_can_be_reached_by_its_first_connections_alone() {
    let mut origin = armed(Script::Connections(vec![Script::Close, Script::Ok, Script::Unreachable]));
    let _first = connect(&origin);
    let mut second = send(&origin, "GET / HTTP/1.1\r\n\r\n");
    read_until(&mut second, "ok");
    assert!(is_left_waiting(Ipv4Addr::LOCALHOST.into(), origin.port()));
    drop(second);
    let transcript = origin.finish(Duration::ZERO);
    assert_eq!(transcript.connections.len(), 2);
    assert_eq!(names(&transcript.connections[1])[..2], ["accepted", "GET /"]);
}
