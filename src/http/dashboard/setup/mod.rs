//! Setting up a device: with settings files for KOReader, or with what to type.
//!
//! Both make a device password, which the answer alone shows. So a POST answers either the files or the page, and the server keeps neither.

mod address;
mod koreader;
mod lua;
mod program;
mod qr;

use std::str::FromStr;

use askama::Template;
use salvo::craft::craft;
use salvo::{Request, Response, Scribe};

use self::address::KnownAddress;
use self::koreader::{DeviceSettings, Installation, SettingsFile};
use self::program::Program;
use self::qr::Qr;
use super::attachment::Attachment;
use super::context::Dashboard;
use super::device_passwords::{DevicePasswords, ShownPassword, invalid_name};
use super::error::PageError;
use super::form::Form;
use super::form_errors::FormErrors;
use super::layout::Layout;
use super::location::{PageLocation, has_mdns_name};
use super::page::PageResponse;
use super::session::CurrentUser;
use crate::config::Address;
use crate::error::Error;
use crate::http::answer::Parts;
use crate::library::scan::AnswerSlot;
use crate::library::{MatchingMethod, matching_method};
use crate::model::{self, DEVICE_PASSWORD_NAME_MAX, DevicePasswordName, Key};

/// A folder of KOReader.
struct Folder {
    device: &'static str,
    path: &'static str,
}

/// KOReader's folder on a device, seen from a computer that it is connected to.
const FOLDERS: [Folder; 6] = [
    Folder { device: "Kobo", path: ".adds/koreader" },
    Folder { device: "Kindle", path: "koreader" },
    Folder { device: "PocketBook", path: "applications/koreader" },
    Folder { device: "Android", path: "/sdcard/koreader" },
    Folder { device: "reMarkable", path: "/home/root/koreader" },
    Folder { device: "Linux", path: "~/.config/koreader" },
];

#[derive(Template)]
#[template(path = "setup.html")]
struct ProgramsPage {
    layout: Layout,
    programs: [Program; 4],
}

/// What was typed or chosen in the form.
struct Choices {
    name: String,
    /// The address in the field; `None` if the page knows it for certain.
    address: Option<String>,
    has_files: bool,
    installation: Installation,
}

#[derive(Template)]
#[template(path = "setup_form.html")]
struct FormPage {
    layout: Layout,
    program: Program,
    known: KnownAddress,
    choices: Choices,
    /// Whether the script may put the browser's address into the field: not over what was typed.
    is_fresh: bool,
    has_webdav: bool,
    /// `filename` or `binary`; `default` if no device shows its method.
    method: &'static str,
    folders: &'static [Folder],
    name_max: usize,
}

impl ProgramsPage {
    fn passwords_link(&self) -> String {
        passwords_link(&self.layout)
    }
}

impl FormPage {
    fn passwords_link(&self) -> String {
        passwords_link(&self.layout)
    }

    fn files_link(&self) -> String {
        files_link(&self.layout)
    }

    fn is_for_koreader(&self) -> bool {
        self.program == Program::KoReader
    }

    fn is_new(&self) -> bool {
        self.choices.installation == Installation::New
    }
}

/// A text to type, and to scan with a phone.
struct ShownText {
    /// The id of the message that says what it is.
    label: &'static str,
    text: String,
    qr: Option<Qr>,
}

impl ShownText {
    fn new(label: &'static str, text: &str) -> Self {
        Self { label, text: text.to_owned(), qr: Qr::new(text) }
    }
}

#[derive(Template)]
#[template(path = "setup_ready.html")]
struct ReadyPage {
    layout: Layout,
    program: Program,
    name: String,
    texts: Vec<ShownText>,
    /// Whether the address has a name that many e-readers cannot find.
    has_mdns_name: bool,
    /// The address of the folder with reading times and highlights.
    webdav: Option<String>,
    method: &'static str,
    /// What each of KOReader's files gets; shown for KOReader alone.
    files: Vec<SettingsFile>,
}

impl ReadyPage {
    fn files_link(&self) -> String {
        files_link(&self.layout)
    }

    fn is_for_koreader(&self) -> bool {
        self.program == Program::KoReader
    }
}

/// A password that was made, with all that goes into the device's settings.
struct Made {
    settings: DeviceSettings,
    installation: Installation,
    method: &'static str,
    slot: AnswerSlot,
}

/// Why nothing was made: the form is shown again, with the error.
struct Refused {
    page: PageResponse,
}

/// The handlers of `setup`.
#[derive(Clone)]
pub struct Setup {
    pub(super) dashboard: Dashboard,
}

impl Setup {
    fn known_address(&self, location: &PageLocation) -> KnownAddress {
        KnownAddress::new(location, matches!(&*self.dashboard.state.address.borrow(), Ok(Some(_))))
    }

    fn form_page(&self, current_user: &CurrentUser, program: Program, method: Option<MatchingMethod>) -> FormPage {
        let known = self.known_address(&current_user.location);
        let has_webdav = self.dashboard.state.has_webdav && program == Program::KoReader;
        let address = match &known {
            KnownAddress::Certain(_) => None,
            KnownAddress::Suggested(address) => Some(address.clone()),
            KnownAddress::Unknown => Some(String::new()),
        };
        FormPage {
            layout: current_user.layout("setup-title", "devices"),
            program,
            known,
            choices: Choices { name: String::new(), address, has_files: has_webdav, installation: Installation::InUse },
            is_fresh: true,
            has_webdav,
            method: method_word(method),
            folders: &FOLDERS,
            name_max: DEVICE_PASSWORD_NAME_MAX,
        }
    }

    /// Makes a device password, and the settings with it.
    async fn make(&self, req: &mut Request, program: Program) -> Result<Result<Made, Refused>, PageError> {
        let state = &self.dashboard.state;
        let current_user = self.dashboard.current_user(req)?;
        let form = self.dashboard.form(req).await?;
        let user = &current_user.user;
        let slot = state.scan_limiter.answer(user.id)?;
        let method = matching_method(&state.store, &state.scan_limiter, user.id).await?;
        let page = self.form_page(&current_user, program, method);
        let choices = Choices::from_form(&form, &page);
        let passwords = DevicePasswords { dashboard: self.dashboard.clone() };
        let mut errors = FormErrors::default();
        if let Err(invalid) = DevicePasswordName::new(&choices.name) {
            errors.extend(FormErrors::one("name", invalid_name(current_user.texts, invalid)));
        }
        let address = choices.server_address(&page);
        if address.is_none() {
            errors.extend(FormErrors::one("address", current_user.texts.msg("setup-address-invalid")));
        }
        let made = match address.filter(|_| errors.is_empty()) {
            Some(address) => passwords.make(&current_user, &choices.name).await.map(|password| (address, password)),
            None => Err(PageError::InvalidFields(errors)),
        };
        match made {
            Ok((address, ShownPassword { name, text })) => {
                let key = Key::from_password(text.as_bytes()).map_err(|_| PageError::Internal)?;
                let settings = DeviceSettings {
                    name,
                    address,
                    username: user.name.to_string(),
                    key: key.reveal().to_owned(),
                    password: text,
                    method: method.unwrap_or(MatchingMethod::Binary),
                    has_files: choices.has_files,
                };
                Ok(Ok(Made { settings, installation: choices.installation, method: method_word(method), slot }))
            }
            Err(error) if error.leaves_the_form() => {
                let layout = page.layout.with_error_at(&error, "name");
                let page = FormPage { layout, choices, is_fresh: false, ..page };
                Ok(Err(Refused { page: PageResponse::new(&page).with_error(&error) }))
            }
            Err(error) => Err(error),
        }
    }
}

impl Choices {
    fn from_form(form: &Form, page: &FormPage) -> Self {
        Self {
            name: form.get("name").to_owned(),
            address: page.choices.address.as_ref().map(|_| form.get("address").trim().to_owned()),
            has_files: page.has_webdav && form.has("files"),
            installation: if form.get("koreader") == "new" { Installation::New } else { Installation::InUse },
        }
    }

    /// Returns the address that the device gets; `None` if what was typed is none.
    fn server_address(&self, page: &FormPage) -> Option<String> {
        match (&page.known, &self.address) {
            (KnownAddress::Certain(address), _) => Some(address.clone()),
            (_, typed) => {
                let address = Address::from_str(typed.as_deref().unwrap_or_default());
                address.ok().map(|address| address.as_str().to_owned())
            }
        }
    }
}

fn passwords_link(layout: &Layout) -> String {
    format!("{}device-passwords", layout.base())
}

/// Returns the address of how to send reading times and highlights.
fn files_link(layout: &Layout) -> String {
    format!("{}files#setup", layout.base())
}

fn method_word(method: Option<MatchingMethod>) -> &'static str {
    match method {
        Some(MatchingMethod::Filename) => "filename",
        Some(MatchingMethod::Binary) => "binary",
        None => "default",
    }
}

/// Returns the program in a request's path.
fn program_in_path(req: &Request) -> Result<Program, PageError> {
    req.params().get("program").ok_or(PageError::NoSuchPage)?.parse()
}

#[craft]
impl Setup {
    /// `GET setup`: asks what the device reads with.
    #[craft(handler)]
    pub(super) async fn choose(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let layout = self.dashboard.current_user(req)?.layout("setup-title", "devices");
        Ok(PageResponse::new(&ProgramsPage { layout, programs: Program::ALL }))
    }

    /// `GET setup/{program}`: the form.
    #[craft(handler)]
    pub(super) async fn show(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let state = &self.dashboard.state;
        let current_user = self.dashboard.current_user(req)?;
        let program = program_in_path(req)?;
        let slot = state.scan_limiter.answer(current_user.user.id)?;
        let method = matching_method(&state.store, &state.scan_limiter, current_user.user.id).await?;
        Ok(PageResponse::new(&self.form_page(&current_user, program, method)).with_slot(slot))
    }

    /// `POST setup/{program}`: makes a device password, and shows what to type.
    #[craft(handler)]
    pub(super) async fn show_password(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let program = program_in_path(req)?;
        let Made { settings, method, slot, .. } = match self.make(req, program).await? {
            Ok(made) => made,
            Err(refused) => return Ok(refused.page),
        };
        let page = ReadyPage {
            layout: self.dashboard.current_user(req)?.layout("setup-title", "devices"),
            program,
            has_mdns_name: has_mdns_name(&settings.address),
            webdav: settings.has_files.then(|| settings.webdav_address()),
            method,
            files: settings.files(),
            texts: vec![
                ShownText::new("setup-address-label", &settings.address),
                ShownText { qr: None, ..ShownText::new("setup-username-label", &settings.username) },
                ShownText::new("setup-password-label", &settings.password),
            ],
            name: settings.name,
        };
        Ok(PageResponse::new(&page).with_slot(slot))
    }

    /// `POST setup/koreader/files`: makes a device password, and answers a ZIP with KOReader's settings.
    #[craft(handler)]
    pub(super) async fn download(&self, req: &mut Request) -> Result<Answer, PageError> {
        let Made { settings, installation, slot, .. } = match self.make(req, Program::KoReader).await? {
            Ok(made) => made,
            Err(refused) => return Ok(Answer::Page(refused.page)),
        };
        let store = &self.dashboard.state.store;
        let readme = readme(&self.dashboard.current_user(req)?, &settings, installation);
        let now = store.zone().to_datetime(model::timestamp(store.now()));
        let bytes = settings.zip(installation, &readme, now).ok_or(PageError::Internal)?;
        Ok(Answer::Files(Attachment {
            name: format!("kosync-{}.zip", settings.name),
            content_type: "application/zip",
            length: u64::try_from(bytes.len()).ok(),
            parts: OnePart(Some(bytes)),
            slot,
        }))
    }
}

/// Returns the text in the ZIP that says where its files go.
fn readme(current_user: &CurrentUser, settings: &DeviceSettings, installation: Installation) -> String {
    let texts = &current_user.texts;
    let mut lines = vec![
        texts
            .msg("setup-readme")
            .arg("name", settings.name.as_str())
            .arg("address", settings.address.as_str())
            .to_string(),
        String::new(),
        texts.msg("setup-copy").to_string(),
        String::new(),
    ];
    lines.extend(FOLDERS.iter().map(|folder| format!("    {}: {}", folder.device, folder.path)));
    let replaced = match installation {
        Installation::InUse => "setup-readme-in-use",
        Installation::New => "setup-readme-new",
    };
    lines.extend([String::new(), texts.msg(replaced).to_string(), String::new()]);
    // Some editors on Windows know no other line end.
    lines.join("\r\n")
}

/// The files, or the form again.
pub(super) enum Answer {
    Files(Attachment<OnePart>),
    Page(PageResponse),
}

impl Scribe for Answer {
    fn render(self, res: &mut Response) {
        match self {
            Self::Files(files) => files.render(res),
            Self::Page(page) => page.render(res),
        }
    }
}

/// A body in one part.
pub(super) struct OnePart(Option<Vec<u8>>);

impl Parts for OnePart {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.0.take())
    }
}
