//! What is told, and when: everything when a connection begins and when Home Assistant starts, then what changes.

use std::collections::BTreeMap;
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
    /// The number of the last push that was told of, and the last one that the store had at the look before.
    told: u64,
    stored: u64,
    /// Something could not be read, or was missed: everything is told anew at the next look.
    is_behind: bool,
}

/// Why something was not told.
enum Failure {
    /// The connection is over.
    Client(ClientError),
    /// The store could not be read just now.
    Store(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        Self::Client(error)
    }
}

type Told = Result<(), Failure>;

impl<'a> Teller<'a> {
    pub(super) fn new(app: &'a App, client: AsyncClient, topics: Arc<Topics>) -> Self {
        Self { app, client, topics, accounts: BTreeMap::new(), told: 0, stored: 0, is_behind: false }
    }

    /// Tells until the connection is over, and says why it is.
    pub(super) async fn tell(&mut self, mut hears: UnboundedReceiver<Heard>) -> String {
        // Before the first look, so that nothing falls between the two.
        let mut events = self.app.store.subscribe();
        let begun = self.begin().await;
        if let Err(reason) = self.bear(begun) {
            return reason;
        }
        let mut looks = interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let told = tokio::select! {
                // The first tick comes at once.
                _ = looks.tick() => self.look().await,
                Some(heard) = hears.recv() => match heard {
                    Heard::Connected => Ok(()),
                    Heard::HomeAssistantStarted => self.start_over().await,
                    Heard::Device(number) => self.forget_if_gone(number).await,
                },
                event = events.next() => match event {
                    Ok(Some(event)) => self.happened(&event).await,
                    Ok(None) => return "the store is closed".into(),
                    // Too much at once. What matters is where everybody is by now.
                    Err(_) => {
                        events = self.app.store.subscribe();
                        self.start_over().await
                    }
                },
            };
            if let Err(reason) = self.bear(told) {
                return reason;
            }
        }
    }

    /// What cannot be read now is read at the next look; only the connection's own end is one.
    fn bear(&mut self, told: Told) -> Result<(), String> {
        match told {
            Ok(()) => Ok(()),
            Err(Failure::Client(error)) => Err(error.to_string()),
            Err(Failure::Store(error)) => {
                if !self.is_behind {
                    tracing::warn!(%error, "what is read could not be looked up for the MQTT broker; it is tried again");
                }
                self.is_behind = true;
                Ok(())
            }
        }
    }

    async fn begin(&mut self) -> Told {
        self.client.subscribe(self.topics.home_assistant(), QoS::AtLeastOnce).await?;
        self.client.subscribe(self.topics.devices(), QoS::AtLeastOnce).await?;
        self.start_over().await
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
        // Before anything is read: what is pushed from here on is told once more rather than not at all.
        self.stored = self.app.store.last_sequence()?;
        self.told = self.stored;
        self.retain(self.topics.status(), ONLINE.into()).await?;
        self.agree(true).await?;
        self.is_behind = false;
        Ok(())
    }

    /// Looks for what nobody has told of: other processes work on the store, too, and what they have pushed shows in its numbers.
    async fn look(&mut self) -> Told {
        if self.is_behind || self.told < self.stored {
            return self.start_over().await;
        }
        self.stored = self.app.store.last_sequence()?;
        self.agree(false).await
    }

    /// Takes the devices of accounts that are gone away, and makes those of accounts that have none yet, or all of them anew.
    async fn agree(&mut self, anew: bool) -> Told {
        let users = self.app.store.users()?.into_iter().filter(has_device).map(|user| (user.id.get(), user));
        let users: BTreeMap<u32, User> = users.collect();
        let gone: Vec<u32> = self.accounts.keys().filter(|number| !users.contains_key(number)).copied().collect();
        for number in gone {
            self.remove(number).await?;
        }
        for (number, user) in users {
            if anew || !self.accounts.contains_key(&number) {
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
            Event::Pushed { sequence, user_id, document, progress, before, .. } => {
                self.told = self.told.max(*sequence);
                self.pushed(user_id.get(), document, progress, before.as_ref()).await
            }
            Event::DocumentRenamed { user, document, .. } | Event::DocumentDeleted { user, document } => {
                self.changed(user, document).await
            }
            Event::UserCreated { .. } | Event::UserDeleted { .. } => self.look().await,
            Event::KeyChanged { .. } | Event::ActiveChanged { .. } | Event::RegistrationChanged { .. } => Ok(()),
        }
    }

    async fn pushed(
        &mut self,
        number: u32,
        document: &Document,
        progress: &Progress,
        before: Option<&Progress>,
    ) -> Told {
        // `admin` has a device from its first book on.
        if !self.accounts.contains_key(&number) {
            self.agree(false).await?;
        }
        // Deleted by now, the account or the document: that comes as an event of its own.
        let Some(account) = self.accounts.get_mut(&number) else { return Ok(()) };
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

    /// Another name for the book at hand, or it is deleted.
    async fn changed(&mut self, name: &Username, document: &Document) -> Told {
        let is_it = |account: &Account| account.user.name == *name && account.reading.is_of(document);
        let Some((number, account)) = self.accounts.iter_mut().find(|(_, account)| is_it(account)) else {
            return Ok(());
        };
        account.reading = Reading::load(self.app, &account.user).await?;
        let (topic, state) = (self.topics.state(*number), to_bytes(&account.reading));
        self.retain(topic, state).await
    }
}

/// `admin` is seldom somebody who reads.
fn has_device(user: &User) -> bool {
    user.name.as_str() != ADMIN || user.documents > 0
}
