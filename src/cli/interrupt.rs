//! SIGINT and SIGTERM: the run stops at the next window and removes what it wrote.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use turnset::{Error, Result, Shared};

/// Makes what a run shares, and sets its stop when a signal comes. A second signal ends the process at once.
pub(super) fn shared() -> Result<Arc<Shared>> {
    let shared = Arc::new(Shared::default());
    let seen = AtomicUsize::new(0);
    let stop = shared.clone();
    let handler = move || {
        stop.stop.store(true, Ordering::Relaxed);
        // Standard input is copied before anything is written: until then there is nothing to tidy up.
        if seen.fetch_add(1, Ordering::Relaxed) > 0 || !stop.started.load(Ordering::Relaxed) {
            super::say(&Error::Interrupted.to_string());
            std::process::exit(1);
        }
    };
    ctrlc::set_handler(handler).map_err(|error| Error::Output {
        path: "signals".into(),
        message: error.to_string(),
    })?;
    Ok(shared)
}
