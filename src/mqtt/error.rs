//! Why a message was not published.

use rumqttc::ClientError;

use crate::error::Error;

/// Why publishing failed.
pub(super) enum PublishError {
    /// The connection has ended.
    Client(ClientError),
    /// The store could not be read.
    Store(Error),
}

impl From<Error> for PublishError {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

impl From<ClientError> for PublishError {
    fn from(error: ClientError) -> Self {
        Self::Client(error)
    }
}

pub(super) type PublishResult = Result<(), PublishError>;
