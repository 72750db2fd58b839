//! Decides what to publish: everything when a connection begins or Home Assistant starts, then each change.

mod store_events;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use rumqttc::{AsyncClient, PublishOptions, QoS};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::account::{Account, gets_device, keeps_device};
use super::client::BrokerEvent;
use super::error::{PublishError, PublishResult};
use super::load_queue::LoadQueue;
use super::messages::{OFFLINE, ONLINE, Topics, to_bytes};
use super::state::Numbers;
use crate::library::scan::{SERVER, each_user};
use crate::model::{User, UserId};
use crate::state::AppState;
use crate::text::Texts;

/// How often the store is checked for changes by other processes, such as commands. Those send no events.
const POLL_INTERVAL: Duration = Duration::from_secs(5);

/// An account whose device is published, or will be once it is loaded.
struct PublishedAccount {
    user: User,
    account: Option<Account>,
    /// What was last published.
    numbers: Option<Numbers>,
}

/// Publishes over one connection.
pub(super) struct Publisher<'a> {
    app: &'a AppState,
    client: AsyncClient,
    topics: Arc<Topics>,
    accounts: BTreeMap<UserId, PublishedAccount>,
    /// Devices that the broker retained from an earlier connection. Nothing is decided about them yet.
    retained: BTreeSet<UserId>,
    queue: LoadQueue,
    /// Whether another server publishes to the same broker, so names must differ.
    has_others: bool,
    /// Sequence number of the last push that was published.
    published_sequence: u64,
    /// Sequence number of the store's last push at the previous poll.
    polled_sequence: u64,
    /// Whether a read failed, so that the next poll publishes everything again.
    needs_republish: bool,
}

impl<'a> Publisher<'a> {
    pub(super) fn new(app: &'a AppState, client: AsyncClient, topics: Arc<Topics>) -> Self {
        Self {
            app,
            client,
            topics,
            accounts: BTreeMap::new(),
            retained: BTreeSet::new(),
            queue: LoadQueue::new(),
            has_others: false,
            published_sequence: 0,
            polled_sequence: 0,
            needs_republish: false,
        }
    }

    /// Publishes until the connection ends, and returns the reason.
    pub(super) async fn run(&mut self, mut broker_events: UnboundedReceiver<BrokerEvent>) -> String {
        // Subscribed before the store is read, so that no change is missed in between.
        let mut events = self.app.store.subscribe();
        let mut address = self.app.address.subscribe();
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
                Some(event) = broker_events.recv() => match self.on_broker_event(event).await {
                    // All at once: each look is at all accounts.
                    Ok(()) if broker_events.is_empty() && !self.retained.is_empty() => self.reconcile().await,
                    handled => handled,
                },
                event = events.next() => match event {
                    Some(Ok(event)) => self.on_event(&event).await,
                    None => return "the store is closed".into(),
                    // Too many events at once.
                    Some(Err(_)) => {
                        events = self.app.store.subscribe();
                        self.mark_all_stale();
                        self.reconcile().await
                    }
                },
                Ok(()) = address.changed() => self.republish_devices().await,
                () = self.queue.is_due() => self.load_next().await,
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
                self.queue.pause(POLL_INTERVAL);
                Ok(())
            }
        }
    }

    async fn go_online(&mut self) -> PublishResult {
        self.client.subscribe(self.topics.home_assistant_status(), QoS::AtLeastOnce).await?;
        self.client.subscribe(self.topics.all_devices(), QoS::AtLeastOnce).await?;
        // Before our own status is published: its echo then follows the retained statuses of others.
        self.client.subscribe(self.topics.all_statuses(), QoS::AtLeastOnce).await?;
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

    async fn on_broker_event(&mut self, event: BrokerEvent) -> PublishResult {
        match event {
            BrokerEvent::Connected => Ok(()),
            BrokerEvent::HomeAssistantStarted => self.republish_all().await,
            BrokerEvent::RetainedDevice(user) => {
                self.retained.insert(user);
                Ok(())
            }
            BrokerEvent::OwnStatus => {
                self.queue.note_others();
                Ok(())
            }
            BrokerEvent::OtherServer if self.has_others => Ok(()),
            BrokerEvent::OtherServer => {
                self.has_others = true;
                self.republish_devices().await
            }
        }
    }

    /// Publishes the status, and the device and state of every account that is loaded. The others follow.
    async fn republish_all(&mut self) -> PublishResult {
        // Before the accounts are read: a push in between is published twice rather than missed.
        self.polled_sequence = self.app.store.last_sequence()?;
        self.published_sequence = self.polled_sequence;
        self.publish_retained(self.topics.status(), ONLINE.into()).await?;
        self.reconcile().await?;
        if self.needs_republish {
            self.mark_all_stale();
        }
        self.needs_republish = false;
        self.republish_devices().await?;
        for id in self.loaded() {
            self.publish_state(id).await?;
        }
        Ok(())
    }

    fn loaded(&self) -> Vec<UserId> {
        self.accounts.iter().filter(|(_, account)| account.account.is_some()).map(|(id, _)| *id).collect()
    }

    fn mark_all_stale(&mut self) {
        for (id, published) in &self.accounts {
            match published.account {
                Some(_) => self.queue.add_stale(*id),
                None => self.queue.add_new(*id),
            }
        }
    }

    /// Publishes what other processes and the time changed. Other processes' pushes show in the store's sequence number, but send no
    /// events.
    ///
    /// A push of our own raises the number, too, but its event has arrived by the next poll. So numbers are compared with those
    /// of the previous poll.
    async fn poll(&mut self) -> PublishResult {
        if self.needs_republish {
            return self.republish_all().await;
        }
        if self.published_sequence < self.polled_sequence {
            self.published_sequence = self.polled_sequence;
            self.mark_all_stale();
        }
        self.polled_sequence = self.app.store.last_sequence()?;
        self.reconcile().await?;
        let now = self.app.store.now();
        let mut changed = Vec::new();
        for (id, published) in &mut self.accounts {
            if let Some(account) = &mut published.account
                && Some(account.numbers(now)) != published.numbers
            {
                changed.push(*id);
            }
        }
        for id in changed {
            self.publish_state(id).await?;
        }
        Ok(())
    }

    /// Removes the devices of deleted accounts, and has those of new accounts loaded. Reads all accounts, slice by slice.
    ///
    /// Devices that the broker retained stay if their accounts have ever been used.
    async fn reconcile(&mut self) -> PublishResult {
        let mut gone: BTreeSet<UserId> = self.accounts.keys().chain(&self.retained).copied().collect();
        let (mut new, mut stale) = (Vec::new(), Vec::new());
        let AppState { store, scan_limiter, .. } = self.app;
        let look = |user: User| {
            let published = self.accounts.get(&user.id);
            let is_published = published.is_some();
            // Its days may begin and end at other times now.
            if published.is_some_and(|published| published.user.preferences != user.preferences) {
                stale.push(user.id);
            }
            // A device stays when its account's last document is deleted.
            let keeps = is_published || self.retained.contains(&user.id) && keeps_device(&user);
            if keeps || gets_device(&user) {
                gone.remove(&user.id);
                if !is_published {
                    new.push(user);
                }
            }
            true
        };
        each_user(store, scan_limiter, SERVER, look).await?;
        for user in gone {
            self.remove(user).await?;
        }
        new.into_iter().for_each(|user| self.add(user));
        stale.into_iter().for_each(|user| self.queue.add_stale(user));
        self.retained.clear();
        Ok(())
    }

    fn add(&mut self, user: User) {
        if !self.accounts.contains_key(&user.id) {
            self.queue.add_new(user.id);
            self.accounts.insert(user.id, PublishedAccount { user, account: None, numbers: None });
        }
    }

    async fn remove(&mut self, user: UserId) -> PublishResult {
        self.accounts.remove(&user);
        self.queue.remove(user);
        self.publish_retained(self.topics.device(user), Vec::new()).await?;
        self.publish_retained(self.topics.state(user), Vec::new()).await
    }

    async fn load_next(&mut self) -> PublishResult {
        let Some(id) = self.queue.next() else { return Ok(()) };
        let start = Instant::now();
        let loaded = self.load(id).await;
        self.queue.note_load(start.elapsed());
        loaded
    }

    /// Loads an account, and publishes what changed.
    async fn load(&mut self, id: UserId) -> PublishResult {
        let Some(published) = self.accounts.get_mut(&id) else {
            self.queue.remove(id);
            return Ok(());
        };
        // As it is now. If it was deleted, an event or the next poll says so.
        if let Some(user) = self.app.store.user(&published.user.name)?.filter(|user| user.id == id) {
            published.user = user;
        }
        let account = Account::load(self.app, &published.user).await?;
        self.queue.remove(id);
        let previous = published.account.replace(account);
        let is_same_book = |previous: &Account| Some(&previous.book) == published.account.as_ref().map(|now| &now.book);
        let is_same_book = previous.as_ref().is_some_and(is_same_book);
        let now = self.app.store.now();
        let numbers = published.account.as_mut().map(|account| account.numbers(now));
        if !is_same_book || numbers != published.numbers {
            // Before the device, whose entities then find their values.
            self.publish_state(id).await?;
        }
        let has_reading = self.accounts[&id].account.as_ref().map(Account::has_reading);
        if previous.as_ref().map(Account::has_reading) != has_reading {
            self.publish_device(id).await?;
        }
        Ok(())
    }

    async fn republish_devices(&mut self) -> PublishResult {
        for id in self.loaded() {
            self.publish_device(id).await?;
        }
        Ok(())
    }

    async fn publish_device(&self, id: UserId) -> PublishResult {
        let Some(published) = self.accounts.get(&id) else { return Ok(()) };
        let address = self.app.known_address().map(|address| address.as_str().to_owned());
        let name = self.topics.device_name(published.user.name.as_str(), self.has_others);
        let has_reading = published.account.as_ref().is_some_and(Account::has_reading);
        let texts = Texts::of(self.app.language);
        let device = self.topics.discovery_message(id, &name, address.as_deref(), has_reading, texts);
        self.publish_retained(self.topics.device(id), to_bytes(&device)).await
    }

    async fn publish_state(&mut self, id: UserId) -> PublishResult {
        let now = self.app.store.now();
        let Some(published) = self.accounts.get_mut(&id) else { return Ok(()) };
        let Some(account) = &mut published.account else { return Ok(()) };
        let numbers = account.numbers(now);
        published.numbers = Some(numbers);
        let state = to_bytes(&account.state(numbers));
        self.publish_retained(self.topics.state(id), state).await
    }
}
