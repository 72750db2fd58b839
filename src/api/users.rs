//! `/users`: registration, login, a new password, deletion.

use salvo::Request;
use salvo::craft::craft;
use salvo::http::StatusCode;
use serde_json::json;

use super::Answer;
use super::body::Fields;
use super::refusal::Refusal;
use crate::app::App;
use crate::body;
use crate::model::{ADMIN, Key, Username};
use crate::store::{Authority, Change, Changed, Managed, Registered};

#[craft]
impl App {
    /// `POST /users/create`: 201 and the name. 402 if it is taken (2002) or registration is off (2005), 403 (2003) if a field
    /// is missing, empty or not a string, or the name has a `:`.
    #[craft(handler)]
    pub(super) async fn register(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<Answer, Refusal> {
        let sent = body::read(req, self.client_timeout).await?;
        if !self.registration_is_open()? {
            return Err(Refusal::RegistrationDisabled);
        }
        let fields = Fields::parse(&sent)?;
        let name = fields.string("username").ok_or(Refusal::Invalid(None))?;
        let name = Username::new(&name).map_err(Refusal::of_field)?;
        let key = new_key(&fields)?;
        // No client makes the administrator's account, even where it is not there yet.
        if name.as_str() == ADMIN || self.store.user_answering_to(&name)?.is_some() {
            return Err(Refusal::Taken);
        }
        match self.store.create_user(name, self.auth.hash(key).await?).await? {
            Registered::Created(user) => Ok(Answer::new(StatusCode::CREATED, &json!({ "username": user.name }))),
            Registered::Taken => Err(Refusal::Taken),
        }
    }

    /// `GET /users/auth`: 200 if the credentials are right, else 401 (2001).
    #[craft(handler)]
    pub(super) async fn authorize(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<Answer, Refusal> {
        self.login_of(req).await?;
        Ok(Answer::ok(&json!({ "authorized": "OK" })))
    }

    /// `PUT /users/password`: 200. 403 (2003) if the new one is missing, empty or not a string. 401 (2001) also if the old
    /// one was changed in the meantime.
    #[craft(handler)]
    pub(super) async fn change_password(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<Answer, Refusal> {
        let sent = body::read(req, self.client_timeout).await?;
        let user = self.user(req).await?;
        let key = new_key(&Fields::parse(&sent)?)?;
        match self.store.set_key(user, self.auth.hash(key).await?).await? {
            Changed::Done => Ok(Answer::ok(&json!({ "updated": true }))),
            Changed::Refused => Err(Refusal::Unauthorized),
        }
    }

    /// `DELETE /users/me`: 200. 404 (2006) if there is no such account, 401 (2001) if the key is wrong, 403 (2003) for `admin`.
    #[craft(handler)]
    pub(super) async fn delete_account(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<Answer, Refusal> {
        let name = self.credentials(req)?.name;
        let user = match self.login_of(req).await {
            Ok(user) => user,
            // A client that lost the answer to its deletion asks again, and learns that it is done (rule U2).
            Err(Refusal::Unauthorized) if self.store.user_answering_to(&name)?.is_none() => {
                return Err(Refusal::NoAccount);
            }
            Err(Refusal::Inactive) => return Err(Refusal::Unauthorized),
            Err(other) => return Err(other),
        };
        let (id, name) = (user.id, user.name.clone());
        match self.store.manage(Authority::User(user), name.clone(), Change::Delete).await? {
            Managed::Done => {
                self.auth.forget(id);
                Ok(Answer::ok(&json!({ "deleted": true })))
            }
            Managed::Protected => Err(Refusal::Protected),
            // The same request, sent twice: the other one was first.
            _ if self.store.user_answering_to(&name)?.is_none() => Err(Refusal::NoAccount),
            _ => Err(Refusal::Unauthorized),
        }
    }
}

fn new_key(fields: &Fields<'_>) -> Result<Key, Refusal> {
    let sent = fields.string("password").ok_or(Refusal::Invalid(None))?;
    Key::from_wire(sent.as_bytes()).map_err(Refusal::of_field)
}
