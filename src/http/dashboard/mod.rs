//! The dashboard: pages for people, rendered on the server. They work without JavaScript and under any path.
//!
//! Imports in this folder point one way: `mod` (routes) -> `middleware` -> `error_links`, `login`, `overview`, `year`, `days`, `devices`, `activity`,
//! `highlights`, `files`, `setup`, `server_health`, `theme_switch`, `transfer` -> `choose_account` -> `register`, `books`, `unnamed`, `book_changes`, `joining`, `shelf` -> `book`, `statistics_book` -> `accounts`, `account`, `device_passwords` ->
//! `preferences` -> `day_books` -> `sources` -> `reading_record` -> `book_target`, `book_history` -> `context` (what handlers share) -> `list_query`, `chart`, `book_rows`, `device_tags` (which know each other) -> `session` -> `layout`, `saved_form`, `form`, `page` -> `next`, `notices`, `routes`,
//! `book_files`, `remote_user`, `saved_form_fields` -> `error` -> `form_errors`, `location`, `paging`, `poster`, `year_view` -> `calendar`, `cover`, `picture`, `reading`, `highlights_file`, `attachment` ->
//! `format`, `codec`, `assets` -> `gzip`.
//!
//! A handler identifies the user, calls the store or `library` once or twice, and fills a template. A failure is a `PageError`, of
//! which the page layer makes a page. Every change is a POST from one of our own pages, answered with a redirect, so that
//! reloading repeats nothing; but for a device password, which is shown in the answer alone.

#![allow(
    unreachable_pub,
    reason = "`craft` makes each handler's struct part of a public type; the modules are private"
)]

mod account;
mod accounts;
mod activity;
mod assets;
mod attachment;
mod book;
mod book_changes;
mod book_files;
mod book_history;
mod book_rows;
mod book_target;
mod books;
mod calendar;
mod chart;
mod choose_account;
mod codec;
mod context;
mod cookies;
mod cover;
mod day_books;
mod days;
mod device_passwords;
mod device_tags;
mod devices;
mod error;
mod error_links;
mod files;
mod form;
mod form_errors;
mod format;
mod gzip;
mod highlights;
mod highlights_file;
mod joining;
mod layout;
mod lines;
mod list_query;
mod location;
mod login;
mod marker;
mod middleware;
mod next;
mod notices;
mod overview;
mod page;
mod paging;
mod picture;
mod poster;
mod preferences;
mod reading;
mod reading_record;
mod register;
mod remote_user;
mod routes;
mod saved_form;
mod saved_form_fields;
mod server_health;
mod session;
mod setup;
mod shelf;
mod shelf_view;
mod sources;
mod statistics_book;
mod theme;
mod theme_switch;
#[cfg(feature = "import")]
mod transfer;
mod unnamed;
mod year;
mod year_parts;
mod year_view;

use std::sync::Arc;

use salvo::http::Method;
use salvo::{Handler, Router};

use self::account::OwnAccount;
use self::accounts::Accounts;
use self::activity::ActivityLog;
pub(crate) use self::assets::root_routers;
use self::book::BookView;
use self::book_changes::BookChanges;
use self::books::Books;
pub(crate) use self::context::{Dashboard, LoginMode};
use self::days::Days;
use self::device_passwords::DevicePasswords;
use self::devices::Devices;
use self::files::Files;
use self::highlights::Highlights;
use self::joining::Joining;
use self::login::Login;
use self::middleware::{FormPage, MethodFallback, PageLayer};
pub(crate) use self::middleware::{NotFoundFallback, PeerFilter};
use self::overview::Overview;
use self::register::Register;
use self::routes::RouteKind;
use self::server_health::ServerHealth;
use self::setup::Setup;
use self::shelf::Shelving;
use self::statistics_book::StatisticsBookView;
use self::theme_switch::ThemeSwitch;
#[cfg(feature = "import")]
use self::transfer::Transfer;
use self::unnamed::Unnamed;
use self::year::Year;
use super::routing::{READ, at, on};

impl Dashboard {
    /// Returns the routes of all pages, with relative paths.
    pub(crate) fn router(&self) -> Router {
        let overview = Overview { dashboard: self.clone() };
        let days = Days { dashboard: self.clone() };
        let year = Year { dashboard: self.clone() };
        let books = Books { dashboard: self.clone() };
        let book = BookView { dashboard: self.clone() };
        let changes = BookChanges { dashboard: self.clone() };
        let shelving = Shelving { dashboard: self.clone() };
        let unnamed = Unnamed { dashboard: self.clone() };
        let statistics_book = StatisticsBookView { dashboard: self.clone() };
        let joining = Joining { dashboard: self.clone() };
        let devices = Devices { dashboard: self.clone() };
        let account = OwnAccount { dashboard: self.clone() };
        let device_passwords = DevicePasswords { dashboard: self.clone() };
        let setup = Setup { dashboard: self.clone() };
        let accounts = Accounts { dashboard: self.clone() };
        let activity = ActivityLog { dashboard: self.clone() };
        let highlights = Highlights { dashboard: self.clone() };
        let files = Files { dashboard: self.clone() };
        let server = ServerHealth { dashboard: self.clone() };
        let theme = ThemeSwitch { dashboard: self.clone() };
        let login = Login { dashboard: self.clone() };
        // One route for the year's page and its picture.
        self.routes.add("year/{year}.svg", "GET, HEAD", RouteKind::File("year/{year}"));
        let router = Router::new()
            .push(self.page("", "GET, HEAD", vec![get(overview.show())]))
            .push(self.action("goal", "", post(overview.set_goal())))
            .push(self.page("day/{day}", "GET, HEAD", vec![get(days.show_day())]))
            .push(self.page("month/{month}", "GET, HEAD", vec![get(days.show_month())]))
            .push(self.page("year/{year}", "GET, HEAD", vec![get(year.show())]))
            .push(self.page("login", "GET, HEAD, POST", vec![get(login.show()), post(login.log_in())]))
            .push(self.action("logout", "", post(login.log_out())))
            .push(self.action("switch-account", "account", post(login.switch_account())))
            .push(self.action("theme", "", post(theme.choose())))
            .push(self.page("books", "GET, HEAD, POST", vec![get(books.list()), post(books.search())]))
            .push(self.page("books/{book}", "GET, HEAD", vec![get(book.show())]))
            .push(self.page("books/{book}/history", "GET, HEAD", vec![get(book.history())]))
            .push(self.page("unnamed", "GET, HEAD, POST", vec![get(unnamed.list()), post(unnamed.save_names())]))
            .push(self.action("books/{book}/shelf", "books/{book}#shelf", post(shelving.move_to_shelf())))
            .push(self.action("books/{book}/not-finished", "books/{book}#shelf", post(shelving.take_back())))
            .push(self.action("books/{book}/hidden", "books/{book}#shelf", post(shelving.set_hidden())))
            .push(self.action("books/{book}/rename", "books/{book}#name", post(changes.rename())))
            .push(self.action("books/{book}/put-back", "books/{book}", post(changes.restore())))
            .push(self.action("books/{book}/start-over", "books/{book}", post(changes.start_over())))
            .push(self.page("books/{book}/join", "GET, HEAD, POST", vec![get(joining.choose()), post(joining.join())]))
            .push(self.action("books/{book}/part", "books/{book}", post(joining.part())))
            .push(self.page(
                "books/{book}/delete",
                "GET, HEAD, POST",
                vec![get(changes.confirm_delete()), post(changes.delete())],
            ))
            .push(self.page("statistics/{book}", "GET, HEAD", vec![get(statistics_book.show())]))
            .push(self.page("highlights", "GET, HEAD, POST", vec![get(highlights.list()), post(highlights.search())]))
            .push(self.file("highlights/markdown", "highlights", get(highlights.markdown())))
            .push(self.file("highlights/json", "highlights", get(highlights.json())))
            .push(self.page("files", "GET, HEAD", vec![get(files.list())]))
            .push(self.file("files/download", "files", get(files.download())))
            .push(self.page("files/delete", "GET, HEAD, POST", vec![get(files.confirm_delete()), post(files.delete())]))
            .push(self.page("devices", "GET, HEAD", vec![get(devices.list())]))
            .push(self.action("devices/{device}/name", "devices", post(devices.rename())))
            .push(self.action("devices/{device}/forget", "devices", post(devices.forget())))
            .push(self.page("account", "GET, HEAD", vec![get(account.show())]))
            .push(self.page("activity", "GET, HEAD", vec![get(activity.show())]))
            .push(self.action("current-position", "account#current-position", post(account.set_position_rule())))
            .push(self.action("preferences", "account#preferences", post(account.set_preferences())))
            .push(self.action("password", "account#current", post(account.change_password())))
            .push(self.action("delete-account", "account#password", post(account.delete())))
            .push(self.page(
                "device-passwords",
                "GET, HEAD, POST",
                vec![get(device_passwords.list()), post(device_passwords.create())],
            ))
            .push(self.action("device-passwords/{number}/revoke", "device-passwords", post(device_passwords.revoke())))
            .push(self.page("setup", "GET, HEAD", vec![get(setup.choose())]))
            .push(self.page("setup/{program}", "GET, HEAD, POST", vec![get(setup.show()), post(setup.show_password())]))
            .push(self.action("setup/koreader/files", "setup/koreader", post(setup.download())))
            .push(self.page("accounts", "GET, HEAD, POST", vec![get(accounts.list()), post(accounts.create())]))
            .push(self.page("server", "GET, HEAD", vec![get(server.show())]))
            .push(self.action("registration", "accounts", post(accounts.set_registration())))
            .push(self.page("accounts/{number}", "GET, HEAD", vec![get(accounts.show())]))
            .push(self.action("accounts/{number}/active", "accounts/{number}", post(accounts.set_active())))
            .push(self.action("accounts/{number}/password", "accounts/{number}#new", post(accounts.set_password())))
            .push(self.page(
                "accounts/{number}/delete",
                "GET, HEAD, POST",
                vec![get(accounts.confirm_delete()), post(accounts.delete())],
            ))
            .push(assets::router());
        let router = match self.login_mode {
            LoginMode::Password => {
                let register = Register { dashboard: self.clone() };
                router.push(self.page(
                    "register",
                    "GET, HEAD, POST",
                    vec![get(register.show()), post(register.create())],
                ))
            }
            LoginMode::Ingress => router,
        };
        #[cfg(feature = "import")]
        let router = Transfer { dashboard: self.clone() }.routers().into_iter().fold(router, Router::push);
        router
    }

    /// Puts a page at its path, inside the page layer. `methods` is the value of `Allow` for all other methods.
    fn page(&self, path: &'static str, methods: &'static str, handlers: Vec<Router>) -> Router {
        self.route(path, methods, RouteKind::Page, handlers)
    }

    /// Puts a file to save at its path, inside the page layer. A login that was wanted for it leads to `page`, which links to it.
    fn file(&self, path: &'static str, page: &'static str, handler: Router) -> Router {
        self.route(path, "GET, HEAD", RouteKind::File(page), vec![handler])
    }

    /// Puts a form at its path, inside the page layer. GET leads to `page`, which has the form.
    fn action(&self, path: &'static str, page: &'static str, handler: Router) -> Router {
        let form_page = get(FormPage { dashboard: self.clone() });
        self.route(path, "GET, HEAD, POST", RouteKind::Form(page), vec![handler, form_page])
    }

    fn route(&self, path: &'static str, methods: &'static str, kind: RouteKind, mut handlers: Vec<Router>) -> Router {
        self.routes.add(path, methods, kind);
        let segments = path.split('/').filter(|segment| !segment.is_empty()).count();
        let mut router = if segments == 0 { Router::new() } else { at(path) };
        // Routers are large, and there are many: without room for more.
        handlers.reserve_exact(1);
        handlers.push(Router::new().goal(MethodFallback { methods }));
        router.routers = handlers;
        router.hoop(PageLayer { dashboard: self.clone(), segments })
    }
}

/// Routes GET, and HEAD like GET.
fn get(handler: impl Handler) -> Router {
    on(&READ, Arc::new(handler))
}

fn post(handler: impl Handler) -> Router {
    on(&[Method::POST], Arc::new(handler))
}
