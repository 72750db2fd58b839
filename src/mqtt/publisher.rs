//! What is told, and when: everything when a connection begins and when Home Assistant starts, then what changes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use rumqttc::{AsyncClient, ClientError, PublishOptions, QoS};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{MissedTickBehavior, interval};

use super::client::BrokerEvent;
use super::messages::{OFFLINE, ONLINE, ReadingEvent, Topics, to_bytes};
use super::state::Reading;
use crate::error::Error;
use crate::library::FINISHED;
use crate::model::{ADMIN, Document, Event, Progress, User, Username};
use crate::state::AppState;

/// How often the accounts are looked through for what other processes have done: the command line, on the same folder.
const POLL_INTERVAL: Duration = Duration::from_secs(5);

/// An account that has a device.
struct PublishedAccount {
    user: User,
    reading: Reading,
}

/// Tells one broker, over one connection.
pub(super) struct Publisher<'a> {
    state: &'a AppState,
    client: AsyncClient,
    topics: Arc<Topics>,
    accounts: BTreeMap<u32, PublishedAccount>,
    /// The number of the last push that was told of, and the last one that the store had at the poll before.
    told: u64,
    stored: u64,
    /// Something could not be read, or was missed: everything is told all at the next poll.
    is_behind: bool,
}

/// Why something was not told.
enum PublishError {
    /// The connection is over.
    Client(ClientError),
    /// The store could not be read just now.
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

type PublishResult = Result<(), PublishError>;

impl<'a> Publisher<'a> {
    pub(super) fn new(state: &'a AppState, client: AsyncClient, topics: Arc<Topics>) -> Self {
        Self { state, client, topics, accounts: BTreeMap::new(), told: 0, stored: 0, is_behind: false }
    }

    /// Tells until the connection is over, and says why it is.
    pub(super) async fn run(&mut self, mut broker_events: UnboundedReceiver<BrokerEvent>) -> String {
        // Before the first poll, so that nothing falls between the two.
        let mut events = self.state.store.subscribe();
        let begun = self.go_online().await;
        if let Err(reason) = self.absorb_store_error(begun) {
            return reason;
        }
        let mut looks = interval(POLL_INTERVAL);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let told = tokio::select! {
                // The first tick comes at once.
                _ = looks.tick() => self.poll().await,
                Some(event) = broker_events.recv() => match event {
                    BrokerEvent::Connected => Ok(()),
                    BrokerEvent::HomeAssistantStarted => self.republish_all().await,
                    BrokerEvent::Device(number) => self.remove_if_deleted(number).await,
                },
                event = events.next() => match event {
                    Some(Ok(event)) => self.on_event(&event).await,
                    None => return "the store is closed".into(),
                    // Too much at once. What matters is where everybody is by now.
                    Some(Err(_)) => {
                        events = self.state.store.subscribe();
                        self.republish_all().await
                    }
                },
            };
            if let Err(reason) = self.absorb_store_error(told) {
                return reason;
            }
        }
    }

    /// What cannot be read now is read at the next poll; only the connection's own end is one.
    fn absorb_store_error(&mut self, told: PublishResult) -> Result<(), String> {
        match told {
            Ok(()) => Ok(()),
            Err(PublishError::Client(error)) => Err(error.to_string()),
            Err(PublishError::Store(error)) => {
                if !self.is_behind {
                    tracing::warn!(%error, "what is read could not be looked up for the MQTT broker; it is tried again");
                }
                self.is_behind = true;
                Ok(())
            }
        }
    }

    async fn go_online(&mut self) -> PublishResult {
        self.client.subscribe(self.topics.home_assistant(), QoS::AtLeastOnce).await?;
        self.client.subscribe(self.topics.devices(), QoS::AtLeastOnce).await?;
        self.republish_all().await
    }

    /// Says that we go, and goes.
    pub(super) async fn go_offline(&mut self) {
        let options = PublishOptions::new(QoS::AtLeastOnce).retained();
        if let Ok(said) = self.client.publish_tracked(self.topics.status(), OFFLINE, options).await {
            let _ = said.wait_async().await;
            let _ = self.client.disconnect().await;
        }
    }

    async fn retain(&self, topic: String, message: Vec<u8>) -> PublishResult {
        Ok(self.client.publish(topic, message, PublishOptions::new(QoS::AtLeastOnce).retained()).await?)
    }

    /// Everything all.
    async fn republish_all(&mut self) -> PublishResult {
        // Before anything is read: what is on_push from here on is told once more rather than not at all.
        self.stored = self.state.store.last_sequence()?;
        self.told = self.stored;
        self.retain(self.topics.status(), ONLINE.into()).await?;
        self.reconcile(true).await?;
        self.is_behind = false;
        Ok(())
    }

    /// Looks for what nobody has told of: other processes work on the store, too, and what they have on_push shows in its numbers.
    async fn poll(&mut self) -> PublishResult {
        if self.is_behind || self.told < self.stored {
            return self.republish_all().await;
        }
        self.stored = self.state.store.last_sequence()?;
        self.reconcile(false).await
    }

    /// Takes the devices of accounts that are gone away, and makes those of accounts that have none yet, or all of them all.
    async fn reconcile(&mut self, all: bool) -> PublishResult {
        let users = self.state.store.users()?.into_iter().filter(has_device).map(|user| (user.id.get(), user));
        let users: BTreeMap<u32, User> = users.collect();
        let gone: Vec<u32> = self.accounts.keys().filter(|number| !users.contains_key(number)).copied().collect();
        for number in gone {
            self.remove(number).await?;
        }
        for (number, user) in users {
            if all || !self.accounts.contains_key(&number) {
                self.add(user).await?;
            }
        }
        Ok(())
    }

    async fn add(&mut self, user: User) -> PublishResult {
        let (number, reading) = (user.id.get(), Reading::load(self.state, &user).await?);
        let address = self.state.address.as_ref().map(crate::config::Address::as_str);
        let message = self.topics.discovery_message(number, user.name.as_str(), address);
        self.retain(self.topics.device(number), to_bytes(&message)).await?;
        self.retain(self.topics.state(number), to_bytes(&reading)).await?;
        self.accounts.insert(number, PublishedAccount { user, reading });
        Ok(())
    }

    async fn remove(&mut self, number: u32) -> PublishResult {
        self.accounts.remove(&number);
        self.retain(self.topics.device(number), Vec::new()).await?;
        self.retain(self.topics.state(number), Vec::new()).await
    }

    /// A device of ours that the broker has kept, of an account that may have been deleted while nobody was told.
    async fn remove_if_deleted(&mut self, number: u32) -> PublishResult {
        let is_there = self.accounts.contains_key(&number)
            || self.state.store.users()?.iter().any(|user| user.id.get() == number && has_device(user));
        if is_there { Ok(()) } else { self.remove(number).await }
    }

    async fn on_event(&mut self, event: &Event) -> PublishResult {
        match event {
            Event::Pushed { sequence, user_id, document, progress, before, .. } => {
                self.told = self.told.max(*sequence);
                self.on_push(user_id.get(), document, progress, before.as_ref()).await
            }
            Event::DocumentRenamed { user, document, .. } | Event::DocumentDeleted { user, document } => {
                self.on_document_change(user, document).await
            }
            Event::UserCreated { .. } | Event::UserDeleted { .. } => self.poll().await,
            Event::KeyChanged { .. } | Event::ActiveChanged { .. } | Event::RegistrationChanged { .. } => Ok(()),
        }
    }

    async fn on_push(
        &mut self,
        number: u32,
        document: &Document,
        progress: &Progress,
        before: Option<&Progress>,
    ) -> PublishResult {
        // `admin` has a device from its first book on.
        if !self.accounts.contains_key(&number) {
            self.reconcile(false).await?;
        }
        // Deleted by now, the account or the document: that comes as an event of its own.
        let Some(account) = self.accounts.get_mut(&number) else { return Ok(()) };
        let Some(mut entry) = self.state.store.document(account.user.id, document)? else { return Ok(()) };
        entry.progress = progress.clone();
        account.reading = Reading::of(entry);
        let was_finished = before.is_some_and(|before| before.percentage >= FINISHED);
        let on_event = match before {
            _ if progress.percentage >= FINISHED && !was_finished => ReadingEvent::Finished,
            None => ReadingEvent::Started,
            Some(_) => ReadingEvent::Progress,
        };
        let (state, event) = (to_bytes(&account.reading), on_event.message(&account.reading));
        self.retain(self.topics.state(number), state).await?;
        Ok(self.client.publish(self.topics.event(number), event, PublishOptions::new(QoS::AtLeastOnce)).await?)
    }

    /// Another name for the book at hand, or it is deleted.
    async fn on_document_change(&mut self, name: &Username, document: &Document) -> PublishResult {
        let is_it = |account: &PublishedAccount| account.user.name == *name && account.reading.is_of(document);
        let Some((number, account)) = self.accounts.iter_mut().find(|(_, account)| is_it(account)) else {
            return Ok(());
        };
        account.reading = Reading::load(self.state, &account.user).await?;
        let (topic, state) = (self.topics.state(*number), to_bytes(&account.reading));
        self.retain(topic, state).await
    }
}

/// `admin` is seldom somebody who reads.
fn has_device(user: &User) -> bool {
    user.name.as_str() != ADMIN || user.documents > 0
}
