//! What is told, and when: everything when a connection begins and when Home Assistant starts, then what changes.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use rumqttc::{AsyncClient, ClientError, PublishOptions, QoS};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{MissedTickBehavior, interval};

use super::connection::Heard;
use super::messages::{Happened, OFFLINE, ONLINE, Topics, to_bytes};
use super::reading::Reading;
use crate::app::App;
use crate::error::Error;
use crate::model::{ADMIN, Document, Event, Progress, User, Username};
use crate::reading::FINISHED;

/// How often the accounts are looked through for what other processes have done: the command line, on the same folder.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// An account that has a device.
struct Account {
    user: User,
    reading: Reading,
}

/// Tells one broker, over one connection.
pub(super) struct Teller<'a> {
    app: &'a App,
    client: AsyncClient,
    topics: Arc<Topics>,
    accounts: BTreeMap<u32, Account>,
}

/// Why nothing more can be told over this connection.
pub(super) struct Failure(String);

impl From<Failure> for String {
    fn from(failure: Failure) -> Self {
        failure.0
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error.to_string())
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        Self(error.to_string())
    }
}

type Told = Result<(), Failure>;

impl<'a> Teller<'a> {
    pub(super) fn new(app: &'a App, client: AsyncClient, topics: Arc<Topics>) -> Self {
        Self { app, client, topics, accounts: BTreeMap::new() }
    }

    /// Tells until `shutdown` completes.
    pub(super) async fn tell(
        &mut self,
        mut hears: UnboundedReceiver<Heard>,
        mut shutdown: Pin<&mut impl Future>,
    ) -> Told {
        // Before the first look, so that nothing falls between the two.
        let mut events = self.app.store.subscribe();
        self.client.subscribe(self.topics.home_assistant(), QoS::AtLeastOnce).await?;
        self.client.subscribe(self.topics.devices(), QoS::AtLeastOnce).await?;
        self.retain(self.topics.status(), ONLINE.into()).await?;
        let mut looks = interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = &mut shutdown => return Ok(()),
                // The first tick comes at once.
                _ = looks.tick() => self.look().await?,
                Some(heard) = hears.recv() => match heard {
                    Heard::Connected => {}
                    Heard::HomeAssistantStarted => self.start_over().await?,
                    Heard::Device(number) => self.forget_if_gone(number).await?,
                },
                event = events.next() => match event {
                    Ok(Some(event)) => self.happened(&event).await?,
                    Ok(None) => return Ok(()),
                    // Too much at once. What matters is where everybody is by now.
                    Err(_) => {
                        events = self.app.store.subscribe();
                        self.start_over().await?;
                    }
                },
            }
        }
    }

    /// Says that we go, and goes.
    pub(super) async fn take_leave(&mut self) {
        let options = PublishOptions::new(QoS::AtLeastOnce).retained();
        if let Ok(said) = self.client.publish_tracked(self.topics.status(), OFFLINE, options).await {
            let _ = said.wait_async().await;
            let _ = self.client.disconnect().await;
        }
    }

    async fn retain(&self, topic: String, message: Vec<u8>) -> Told {
        Ok(self.client.publish(topic, message, PublishOptions::new(QoS::AtLeastOnce).retained()).await?)
    }

    /// Everything anew.
    async fn start_over(&mut self) -> Told {
        self.accounts.clear();
        self.retain(self.topics.status(), ONLINE.into()).await?;
        self.look().await
    }

    /// Makes devices of accounts that are new, and takes those of accounts that are gone away.
    async fn look(&mut self) -> Told {
        let users = self.app.store.users()?.into_iter().filter(has_device).map(|user| (user.id.get(), user));
        let users: BTreeMap<u32, User> = users.collect();
        let gone: Vec<u32> = self.accounts.keys().filter(|number| !users.contains_key(number)).copied().collect();
        for number in gone {
            self.remove(number).await?;
        }
        for (number, user) in users {
            if !self.accounts.contains_key(&number) {
                self.add(user).await?;
            }
        }
        Ok(())
    }

    async fn add(&mut self, user: User) -> Told {
        let (number, reading) = (user.id.get(), Reading::load(self.app, &user).await?);
        let address = self.app.address.as_ref().map(crate::config::Address::as_str);
        let message = self.topics.discovery_message(number, user.name.as_str(), address);
        self.retain(self.topics.device(number), to_bytes(&message)).await?;
        self.retain(self.topics.state(number), to_bytes(&reading)).await?;
        self.accounts.insert(number, Account { user, reading });
        Ok(())
    }

    async fn remove(&mut self, number: u32) -> Told {
        self.accounts.remove(&number);
        self.retain(self.topics.device(number), Vec::new()).await?;
        self.retain(self.topics.state(number), Vec::new()).await
    }

    /// A device of ours that the broker has kept, of an account that may have been deleted while nobody was told.
    async fn forget_if_gone(&mut self, number: u32) -> Told {
        let is_there = self.accounts.contains_key(&number)
            || self.app.store.users()?.iter().any(|user| user.id.get() == number && has_device(user));
        if is_there { Ok(()) } else { self.remove(number).await }
    }

    async fn happened(&mut self, event: &Event) -> Told {
        match event {
            Event::Pushed { user, document, progress, before, .. } => {
                self.pushed(user, document, progress, before.as_ref()).await
            }
            Event::DocumentRenamed { user, .. } | Event::DocumentDeleted { user, .. } => self.changed(user).await,
            Event::UserCreated { .. } | Event::UserDeleted { .. } => self.look().await,
            Event::KeyChanged { .. } | Event::ActiveChanged { .. } | Event::RegistrationChanged { .. } => Ok(()),
        }
    }

    fn number_of(&self, name: &Username) -> Option<u32> {
        self.accounts.iter().find(|(_, account)| account.user.name == *name).map(|(number, _)| *number)
    }

    async fn pushed(
        &mut self,
        name: &Username,
        document: &Document,
        progress: &Progress,
        before: Option<&Progress>,
    ) -> Told {
        let number = match self.number_of(name) {
            Some(number) => number,
            // `admin` has a device from its first book on.
            None => {
                self.look().await?;
                let Some(number) = self.number_of(name) else { return Ok(()) };
                number
            }
        };
        let Some(account) = self.accounts.get_mut(&number) else { return Ok(()) };
        // Deleted by now: that comes as an event of its own.
        let Some(mut entry) = self.app.store.document(account.user.id, document)? else { return Ok(()) };
        entry.progress = progress.clone();
        account.reading = Reading::of(entry);
        let was_finished = before.is_some_and(|before| before.percentage >= FINISHED);
        let happened = match before {
            _ if progress.percentage >= FINISHED && !was_finished => Happened::Finished,
            None => Happened::Started,
            Some(_) => Happened::Progress,
        };
        let (state, event) = (to_bytes(&account.reading), happened.message(&account.reading));
        self.retain(self.topics.state(number), state).await?;
        Ok(self.client.publish(self.topics.event(number), event, PublishOptions::new(QoS::AtLeastOnce)).await?)
    }

    /// Another name for a book, or one book less.
    async fn changed(&mut self, name: &Username) -> Told {
        let Some(number) = self.number_of(name) else { return Ok(()) };
        let Some(account) = self.accounts.get_mut(&number) else { return Ok(()) };
        account.reading = Reading::load(self.app, &account.user).await?;
        let state = to_bytes(&account.reading);
        self.retain(self.topics.state(number), state).await
    }
}

/// `admin` is seldom somebody who reads.
fn has_device(user: &User) -> bool {
    user.name.as_str() != ADMIN || user.documents > 0
}
