//! kosync as a Home Assistant app: its options become a configuration, and the Supervisor supplies what they leave open.

mod options;
mod supervisor;

pub(super) use self::options::{OPTIONS_FILE, SupervisorNeeds, check_files, read_options};
pub(super) use self::supervisor::Supervisor;
