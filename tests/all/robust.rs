//! What the world does to a run: hostile input, signals, full disks, other runs.

mod alike;
mod archives;
mod copies;
mod hostile;
mod killed;
mod stopped;
