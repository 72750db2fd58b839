//! Decides what to publish: everything when a connection begins or Home Assistant starts, then each change.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use rumqttc::{AsyncClient, ClientError, PublishOptions, QoS};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{MissedTickBehavior, interval};

use super::client::BrokerEvent;
use super::messages::{OFFLINE, ONLINE, ReadingEvent, Topics, to_bytes};
use super::state::ReadingState;
use crate::config::Address;
use crate::error::Error;
use crate::library::FINISHED;
use crate::library::scan::{SERVER, SLICE};
use crate::model::{Document, Event, Progress, User, UserId, Username};
use crate::state::AppState;

/// How often the store is checked for changes by other processes, such as the command line. Those send no events.
const POLL_INTERVAL: Duration = Duration::from_secs(5);

/// An account whose device is published.
struct PublishedAccount {
    user: User,
    reading: ReadingState,
}

/// Publishes over one connection.
pub(super) struct Publisher<'a> {
    app: &'a AppState,
    client: AsyncClient,
    topics: Arc<Topics>,
    accounts: BTreeMap<UserId, PublishedAccount>,
    /// Devices that the broker retained from an earlier connection, and about which nothing is decided yet.
    retained: BTreeSet<UserId>,
    /// Sequence number of the last push that was published.
    published_sequence: u64,
    /// Sequence number of the store's last push at the previous poll.
    polled_sequence: u64,
    /// Whether a read failed, so that the next poll publishes everything again.
    needs_republish: bool,
}

/// Why publishing failed.
enum PublishError {
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

type PublishResult = Result<(), PublishError>;

impl<'a> Publisher<'a> {
    pub(super) fn new(app: &'a AppState, client: AsyncClient, topics: Arc<Topics>) -> Self {
        let (accounts, retained) = (BTreeMap::new(), BTreeSet::new());
        Self {
            app,
            client,
            topics,
            accounts,
            retained,
            published_sequence: 0,
            polled_sequence: 0,
            needs_republish: false,
        }
    }

    /// Publishes until the connection ends, and returns the reason.
    pub(super) async fn run(&mut self, mut broker_events: UnboundedReceiver<BrokerEvent>) -> String {
        // Subscribed before the store is read, so that no change is missed in between.
        let mut events = self.app.store.subscribe();
        let online = self.go_online().await;
        if let Err(reason) = self.absorb_store_error(online) {
            return reason;
        }
        // The first tick completes at once.
        let mut poll_ticks = interval(POLL_INTERVAL);
        poll_ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let published = tokio::select! {
                _ = poll_ticks.tick() => self.poll().await,
                Some(event) = broker_events.recv() => match event {
                    BrokerEvent::Connected => Ok(()),
                    BrokerEvent::HomeAssistantStarted => self.republish_all().await,
                    BrokerEvent::RetainedDevice(user) => {
                        self.retained.insert(user);
                        // All at once: each look is at all accounts.
                        if broker_events.is_empty() { self.reconcile(false).await } else { Ok(()) }
                    }
                },
                event = events.next() => match event {
                    Some(Ok(event)) => self.on_event(&event).await,
                    None => return "the store is closed".into(),
                    // Too many events at once: the current states replace the missed ones.
                    Some(Err(_)) => {
                        events = self.app.store.subscribe();
                        self.republish_all().await
                    }
                },
            };
            if let Err(reason) = self.absorb_store_error(published) {
                return reason;
            }
        }
    }

    /// Logs an error of the store and has the next poll publish everything again. Returns an error of the connection.
    fn absorb_store_error(&mut self, published: PublishResult) -> Result<(), String> {
        match published {
            Ok(()) => Ok(()),
            Err(PublishError::Client(error)) => Err(error.to_string()),
            Err(PublishError::Store(error)) => {
                if !self.needs_republish {
                    tracing::warn!(%error, "reading the store for MQTT failed, retrying; repeats suppressed");
                }
                self.needs_republish = true;
                Ok(())
            }
        }
    }

    async fn go_online(&mut self) -> PublishResult {
        self.client.subscribe(self.topics.home_assistant_status(), QoS::AtLeastOnce).await?;
        self.client.subscribe(self.topics.all_devices(), QoS::AtLeastOnce).await?;
        self.republish_all().await
    }

    /// Publishes the offline status and disconnects.
    pub(super) async fn go_offline(&mut self) {
        let options = PublishOptions::new(QoS::AtLeastOnce).retained();
        if let Ok(published) = self.client.publish_tracked(self.topics.status(), OFFLINE, options).await {
            let _ = published.wait_async().await;
            let _ = self.client.disconnect().await;
        }
    }

    async fn publish_retained(&self, topic: String, message: Vec<u8>) -> PublishResult {
        Ok(self.client.publish(topic, message, PublishOptions::new(QoS::AtLeastOnce).retained()).await?)
    }

    /// Publishes the status, and the device and state of every account.
    async fn republish_all(&mut self) -> PublishResult {
        // Before the accounts are read: a push in between is published twice rather than missed.
        self.polled_sequence = self.app.store.last_sequence()?;
        self.published_sequence = self.polled_sequence;
        self.publish_retained(self.topics.status(), ONLINE.into()).await?;
        self.reconcile(true).await?;
        self.needs_republish = false;
        Ok(())
    }

    /// Publishes what other processes changed. Their pushes show in the store's sequence number, but send no events.
    ///
    /// A push of our own raises the number, too, but its event has arrived by the next poll. So numbers are compared with those
    /// of the previous poll.
    async fn poll(&mut self) -> PublishResult {
        if self.needs_republish || self.published_sequence < self.polled_sequence {
            return self.republish_all().await;
        }
        self.polled_sequence = self.app.store.last_sequence()?;
        self.reconcile(false).await
    }

    /// Removes the devices of deleted accounts, and publishes those of new accounts, or with `all` those of all accounts.
    ///
    /// Devices that the broker retained stay if their accounts have ever been used. Reads all accounts, slice by slice.
    async fn reconcile(&mut self, all: bool) -> PublishResult {
        let mut gone: BTreeSet<UserId> = self.accounts.keys().chain(&self.retained).copied().collect();
        let AppState { store, scan_limiter, .. } = self.app;
        let mut after = None;
        loop {
            let slice = scan_limiter.slice(SERVER, || store.users_slice(after.as_ref(), SLICE.rows)).await?;
            let Some(last) = slice.last() else { break };
            after = Some(last.name.clone());
            for user in slice {
                let is_published = self.accounts.contains_key(&user.id);
                // A device stays when its account's last document is deleted.
                let keeps = is_published || self.retained.contains(&user.id) && keeps_device(&user);
                if keeps || gets_device(&user) {
                    gone.remove(&user.id);
                    if all || !is_published {
                        self.add(user).await?;
                    }
                }
            }
        }
        for user in gone {
            self.remove(user).await?;
        }
        self.retained.clear();
        Ok(())
    }

    async fn add(&mut self, user: User) -> PublishResult {
        let reading = ReadingState::load(self.app, &user).await?;
        let address = self.app.address.as_ref().map(Address::as_str);
        let device = self.topics.discovery_message(user.id, user.name.as_str(), address);
        self.publish_retained(self.topics.device(user.id), to_bytes(&device)).await?;
        self.publish_retained(self.topics.state(user.id), to_bytes(&reading)).await?;
        self.accounts.insert(user.id, PublishedAccount { user, reading });
        Ok(())
    }

    async fn remove(&mut self, user: UserId) -> PublishResult {
        self.accounts.remove(&user);
        self.publish_retained(self.topics.device(user), Vec::new()).await?;
        self.publish_retained(self.topics.state(user), Vec::new()).await
    }

    /// Removes the device of a deleted account.
    async fn on_deletion(&mut self, name: &Username) -> PublishResult {
        // By now another account may have the name, and a device.
        let existing = self.app.store.user(name)?.map(|user| user.id);
        let is_gone = |account: &&PublishedAccount| account.user.name == *name && existing != Some(account.user.id);
        match self.accounts.values().find(is_gone).map(|account| account.user.id) {
            Some(user) => self.remove(user).await,
            None => Ok(()),
        }
    }

    async fn on_event(&mut self, event: &Event) -> PublishResult {
        match event {
            Event::Pushed { sequence, user, user_id, document, progress, before } => {
                self.published_sequence = self.published_sequence.max(*sequence);
                // An account has a device from its first document on.
                if !self.accounts.contains_key(user_id)
                    && let Some(user) =
                        self.app.store.user(user)?.filter(|user| user.id == *user_id && gets_device(user))
                {
                    self.add(user).await?;
                }
                self.on_push(*user_id, document, progress, before.as_ref()).await
            }
            Event::DocumentRenamed { user, document, .. } | Event::DocumentDeleted { user, document } => {
                self.on_document_change(user, document).await
            }
            Event::UserDeleted { user } => self.on_deletion(user).await,
            Event::UserCreated { .. }
            | Event::KeyChanged { .. }
            | Event::ActiveChanged { .. }
            | Event::RegistrationChanged { .. } => Ok(()),
        }
    }

    async fn on_push(
        &mut self,
        user: UserId,
        document: &Document,
        progress: &Progress,
        before: Option<&Progress>,
    ) -> PublishResult {
        // If the account or the document was deleted in the meantime, an event about that follows.
        let Some(account) = self.accounts.get_mut(&user) else { return Ok(()) };
        let Some(mut entry) = self.app.store.document(user, document)? else { return Ok(()) };
        entry.progress = progress.clone();
        account.reading = ReadingState::of(entry);
        let was_finished = before.is_some_and(|before| before.percentage >= FINISHED);
        let event = match before {
            _ if progress.percentage >= FINISHED && !was_finished => ReadingEvent::Finished,
            None => ReadingEvent::Started,
            Some(_) => ReadingEvent::Progress,
        };
        let (state, event) = (to_bytes(&account.reading), event.message(&account.reading));
        self.publish_retained(self.topics.state(user), state).await?;
        Ok(self.client.publish(self.topics.event(user), event, PublishOptions::new(QoS::AtLeastOnce)).await?)
    }

    /// Publishes the state again if the document that was renamed or deleted is the current one.
    async fn on_document_change(&mut self, name: &Username, document: &Document) -> PublishResult {
        let is_current = |account: &PublishedAccount| account.user.name == *name && account.reading.is_of(document);
        let Some(account) = self.accounts.values_mut().find(|account| is_current(account)) else { return Ok(()) };
        account.reading = ReadingState::load(self.app, &account.user).await?;
        let (topic, state) = (self.topics.state(account.user.id), to_bytes(&account.reading));
        self.publish_retained(topic, state).await
    }
}

/// Returns whether an account gets a device: from its first push on.
///
/// Where registration is open, strangers can create accounts, and each device is five entities in Home Assistant.
fn gets_device(user: &User) -> bool {
    user.documents > 0
}

/// Returns whether an account keeps a device that the broker has: if it was ever used, and so may have had a document.
fn keeps_device(user: &User) -> bool {
    gets_device(user) || user.last_used.is_some()
}
