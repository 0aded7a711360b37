//! A script in the doing: whose turn it is where there are several answers, and the choice of each.

use crate::script::{Reply, Response, Route, Script};
use crate::transcript::Head;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What the connections of a case have in common.
pub(crate) struct Turns {
    scripts: Vec<Arc<Turn>>,
    connections: usize,
}

impl Turns {
    pub(crate) fn new(script: Script) -> Turns {
        let scripts = match script {
            Script::Connections(scripts) => scripts,
            script => vec![script],
        };
        Turns {
            scripts: scripts.into_iter().map(|script| Arc::new(Turn::new(script))).collect(),
            connections: 0,
        }
    }

    /// What the next connection gets.
    pub(crate) fn next_connection(&mut self) -> Arc<Turn> {
        let next = self.next().cloned();
        self.connections += 1;
        next.unwrap_or_else(|| Arc::new(Turn::new(Script::Ok)))
    }

    /// Whether the next connection is not to come about.
    pub(crate) fn next_is_unreachable(&self) -> bool {
        self.next().is_some_and(|turn| turn.script == Script::Unreachable)
    }

    fn next(&self) -> Option<&Arc<Turn>> {
        self.scripts.get(self.connections.min(self.scripts.len().saturating_sub(1)))
    }
}

/// A script and how often each of its routes has answered.
pub(crate) struct Turn {
    pub(crate) script: Script,
    answered: Vec<AtomicUsize>,
}

impl Turn {
    fn new(script: Script) -> Turn {
        let routes = match &script {
            Script::Routes(routes) => routes.len(),
            _ => 0,
        };
        Turn { script, answered: (0..routes).map(|_| AtomicUsize::new(0)).collect() }
    }

    /// What to do about a request.
    pub(crate) fn reply_to(&self, request: &Head) -> Reply {
        match &self.script {
            Script::Ok | Script::WebsocketRefuse => Reply::Response(Response::text(200, "ok")),
            Script::Websocket if request.asks_for_websocket() => Reply::Websocket,
            Script::Frames(phases) if request.asks_for_websocket() => Reply::Frames(phases.clone()),
            Script::Websocket | Script::Frames(_) => Reply::Response(Response::text(200, "ok")),
            Script::Silent | Script::Deaf | Script::Unreachable | Script::Phases(_) => Reply::Silent,
            Script::Reset => Reply::Reset,
            Script::Close => Reply::Close,
            Script::Raw(raw) => Reply::Raw(raw.clone()),
            Script::Routes(routes) => self.routed(routes, request),
            // Connections within connections have no meaning, and no case file can say them.
            Script::Connections(_) => Reply::Close,
        }
    }

    fn routed(&self, routes: &[Route], request: &Head) -> Reply {
        let found = routes.iter().zip(&self.answered).find(|(route, _)| route.fits(request));
        let reply = found.and_then(|(route, answered)| {
            let turn = answered.fetch_add(1, Ordering::SeqCst);
            route.replies.get(turn).or(route.replies.last())
        });
        reply.cloned().unwrap_or_else(|| Reply::Response(Response::text(404, "no route")))
    }
}
