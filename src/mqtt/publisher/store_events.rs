//! What the events of the store change in what is published.

use rumqttc::{PublishOptions, QoS};

use super::super::account::{Account, Coverage, Push, gets_device};
use super::super::error::PublishResult;
use super::super::messages::ReadingEvent;
use super::super::state::{BookState, State};
use super::{PublishedAccount, Publisher};
use crate::library::reading::find_times;
use crate::model::{Document, Event, UserId, Username};

impl Publisher<'_> {
    /// Removes the device of a deleted account.
    async fn on_deletion(&mut self, name: &Username) -> PublishResult {
        // By now another account may have the name, and a device.
        let existing = self.app.store.user(name)?.map(|user| user.id);
        let is_gone =
            |published: &&PublishedAccount| published.user.name == *name && existing != Some(published.user.id);
        match self.accounts.values().find(is_gone).map(|published| published.user.id) {
            Some(user) => self.remove(user).await,
            None => Ok(()),
        }
    }

    pub(super) async fn on_event(&mut self, event: &Event) -> PublishResult {
        match event {
            Event::Pushed { sequence, user, user_id, document, progress, before, effect, current } => {
                self.published_sequence = self.published_sequence.max(*sequence);
                // An account has a device from its first document on.
                if !self.accounts.contains_key(user_id)
                    && let Some(user) =
                        self.app.store.user(user)?.filter(|user| user.id == *user_id && gets_device(user))
                {
                    self.add(user);
                }
                let (before, after) = (before.as_ref(), current.as_deref().unwrap_or(progress));
                let (sequence, user, effect) = (*sequence, *user_id, *effect);
                self.on_push(&Push { sequence, user, document, progress, before, after, effect }).await
            }
            Event::DocumentRenamed { user, document, .. } => self.on_rename(user, document).await,
            Event::DocumentDeleted { user, .. }
            | Event::StartedOver { user, .. }
            | Event::DocumentsJoined { user, .. }
            | Event::DocumentParted { user, .. }
            | Event::DocumentMarked { user, .. } => {
                // A history is gone, two books are one, or a reader says that a book is finished.
                self.find_loaded(user, |_| true).into_iter().for_each(|id| self.queue.add_stale(id));
                Ok(())
            }
            Event::UserDeleted { user } => self.on_deletion(user).await,
            Event::ReadingUpdated { user_id, .. } => self.on_reading(*user_id).await,
            Event::UserCreated { .. }
            | Event::KeyChanged { .. }
            | Event::DevicePasswordCreated { .. }
            | Event::DevicePasswordRevoked { .. }
            | Event::ActiveChanged { .. }
            | Event::RegistrationChanged { .. }
            | Event::FileStored { .. }
            | Event::FileDeleted { .. } => Ok(()),
        }
    }

    async fn on_push(&mut self, push: &Push<'_>) -> PublishResult {
        if self.queue.has_new(push.user) {
            self.load(push.user).await?;
        }
        // If the account or the document was deleted in the meantime, an event about that follows.
        let Some(published) = self.accounts.get_mut(&push.user) else { return Ok(()) };
        let Some(account) = &mut published.account else { return Ok(()) };
        let Some(mut entry) = self.app.store.document(push.user, push.document)? else { return Ok(()) };
        // A book that several files have may have been counted in another one.
        let is_counted_anew = entry.joined.is_some() && push.is_finish();
        match &mut entry.joined {
            Some(book) => book.position = push.after.clone(),
            None => entry.progress = push.after.clone(),
        }
        let book = BookState::of(entry);
        // Only what moves a current position makes its book the last one.
        let is_shown = push.has_moved() || account.book.is_of(push.document);
        let is_live = push.is_live(self.app.store.now());
        match account.coverage(push.sequence) {
            Coverage::Contained => {}
            // An imported history may be of any time and length.
            Coverage::New if !is_counted_anew && (is_live || push.progress.is_restored()) => {
                account.follow(self.app, &published.user.name, push).await?;
                if is_shown {
                    account.book = book.clone();
                }
            }
            Coverage::New | Coverage::Uncertain => {
                self.queue.add_stale(push.user);
                if is_live && is_shown {
                    account.book = book.clone();
                }
            }
        }
        if push.has_undone() {
            self.queue.add_stale(push.user);
        }
        self.publish_state(push.user).await?;
        if !is_live || !push.has_moved() {
            return Ok(());
        }
        let Some(numbers) = self.accounts.get(&push.user).and_then(|published| published.numbers) else {
            return Ok(());
        };
        let event = match push.before {
            _ if push.is_finish() => ReadingEvent::Finished,
            None => ReadingEvent::Started,
            Some(_) => ReadingEvent::Progress,
        };
        let message = event.message(&State { book: &book, numbers });
        Ok(self.client.publish(self.topics.event(push.user), message, PublishOptions::new(QoS::AtLeastOnce)).await?)
    }

    /// Publishes what the statistics say now. The sensors of reading times appear with the first.
    async fn on_reading(&mut self, id: UserId) -> PublishResult {
        let now = self.app.store.now();
        let Some(published) = self.accounts.get_mut(&id) else { return Ok(()) };
        let Some(account) = &mut published.account else { return Ok(()) };
        let is_other_device = account.set_reading(find_times(&self.app.store, id)?.as_ref(), now);
        if Some(account.numbers(now)) != published.numbers {
            self.publish_state(id).await?;
        }
        if is_other_device {
            self.publish_device(id).await?;
        }
        Ok(())
    }

    /// Returns the loaded account of that name, if it is such.
    fn find_loaded(&self, name: &Username, is_such: impl Fn(&Account) -> bool) -> Option<UserId> {
        let is_it = |published: &PublishedAccount| {
            published.user.name == *name && published.account.as_ref().is_some_and(&is_such)
        };
        self.accounts.iter().find(|(_, published)| is_it(published)).map(|(id, _)| *id)
    }

    /// Publishes the state again if the renamed document is the current one.
    async fn on_rename(&mut self, name: &Username, document: &Document) -> PublishResult {
        let Some(id) = self.find_loaded(name, |account| account.book.is_of(document)) else { return Ok(()) };
        let entry = self.app.store.document(id, document)?;
        let account = self.accounts.get_mut(&id).and_then(|published| published.account.as_mut());
        let (Some(account), Some(entry)) = (account, entry) else { return Ok(()) };
        account.book = BookState::of(entry);
        self.publish_state(id).await
    }
}
