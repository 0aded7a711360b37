//! An operation on the network: run at once in a synchronous session, on a worker in an asynchronous one, where the
//! callback learns the result.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use crate::{
    error::{Error, Result},
    handle::Object,
    notification::Notice,
    worker,
};

static USED: AtomicBool = AtomicBool::new(false);

/// Whether an asynchronous operation has taken place in this process.
pub(crate) fn used() -> bool {
    USED.load(Ordering::Relaxed)
}

/// Runs a job for a handle. `Some` is the result of a synchronous job; of an asynchronous one, `completed` makes the
/// notice of success, and `failed` that of failure.
pub(crate) fn run<T: Copy + Send + 'static>(
    object: &Arc<Object>,
    job: impl FnOnce() -> Result<T> + Send + 'static,
    completed: impl FnOnce(T) -> Notice<'static> + Send + 'static,
    failed: impl FnOnce(u32) -> Notice<'static> + Send + 'static,
) -> Result<Option<T>> {
    // The call found the handle open: whoever has closed it since cancelled the call.
    let running = object.begin().map_err(|_| Error::OPERATION_CANCELLED)?;
    if !object.session().asynchronous {
        let result = job();
        return cancelled(object, result).map(Some);
    }
    USED.store(true, Ordering::Relaxed);
    let object = object.clone();
    worker::spawn_next(Box::new(move || {
        let _running = running;
        let result = job();
        object.notify(match cancelled(&object, result) {
            Ok(result) => completed(result),
            Err(error) => failed(error.code()),
        });
    }))?;
    Ok(None)
}

/// A failure after the handle was closed is the closing's doing.
fn cancelled<T>(object: &Object, result: Result<T>) -> Result<T> {
    result.map_err(|error| if object.is_closed() { Error::OPERATION_CANCELLED } else { error })
}
