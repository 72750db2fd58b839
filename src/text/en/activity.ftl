activity-title = Why does it not sync?
activity-intro = What your devices asked for and sent, and what the server did, newest first. The server keeps the last 200 requests, in memory only, since it started: <time datetime="{ $datetime }" title="{ $exact }">{ $started }</time>.
activity-none = No device has asked for or sent anything since. Open a book in KOReader, turn a page, and choose “Push progress from this device now”. If nothing appears here then, the device does not reach this server, or uses another account. Its address is:
activity-put-back = Put back
activity-show-book = Show the book
activity-join = They are one book
activity-show-other = Show the other book
activity-missing-heading = If a request is missing here
activity-missing = A push or a pull that is not on this page did not reach the server under this account: no Wi-Fi, another address, or another account. KOReader keeps a position that it could not send for four weeks, and sends it later.
activity-stayed-heading = If a device got a position and did not go there
activity-stayed = KOReader goes to a position by itself, or asks, only when it pulls automatically, and only if the position is newer than the last page turn on the device. “Pull progress from other devices now” goes there without asking.

## Who sent a request, and for which book. They begin a sentence, or stand where $device and $book are.

activity-device-unnamed = (no name)
activity-device-inferred = { $device } (by its address)
activity-device =
    { $address ->
        [none] A device
       *[other] A device at { $address }
    }
activity-device-agent =
    { $address ->
        [none] A device ({ $agent })
       *[other] A device at { $address } ({ $agent })
    }
activity-a-book = a book

## A position was sent.

activity-pushed = { $device } sent { $percent } of { $book }.
activity-pushed-queue = { $device } sent { $count } positions of { $book } within seconds, as a device does after it could not reach the server; the last is { $percent }.
activity-pushed-several = { $device } sent { $count } positions of { $book } { $since }; the last is { $percent }.
activity-effect-moved = It became the current position.
activity-effect-held-repeat = That is the current position already, which this device had sent before.
activity-effect-repeat = It had been there before. A device on which nothing was read does not replace another device’s position.
activity-effect-opened = That is the beginning, as a device sends it on which a book is opened for the first time.
activity-effect-echo = It had received this place from another device, and nothing was read on it since.
activity-effect-queue = That is behind what another device had reached.
activity-effect-not-further = That is not further. By this account’s rule the furthest position is the current one.
activity-effect-landed-elsewhere = The place was written for another file of this book, and leads elsewhere in this file.
activity-into-history = It went into the book’s history.
activity-started-over = The book was started over: there is no current position until a device reads on.
activity-still = The current position is still the one of { $device }, { $percent }.
activity-still-restored = The current position is still the one that was put back, { $percent }.

## A request was refused. One of the reasons follows, then what to do.

activity-push-refused = { $device } sent a position of { $book }, which was refused:
activity-push-refused-unnamed = { $device } sent a position, which was refused:
activity-pull-refused = { $device } asked for a position of { $book } and got no answer:
activity-reason-number = its field “{ $field }” is missing or is not a number (403).
activity-reason-id = its field “{ $field }” is missing, is not a text, is empty, or has a colon or bytes that are not UTF-8 (403).
activity-reason-list = its list “{ $field }” must have 1 to 8 entries in the form of the protocol, no type twice, and one whose value is the id of the book (403).
activity-reason-field = its field “{ $field }” is missing or is not a text (403).
activity-reason-long-field = its field “{ $field }” is too long (403).
activity-reason-invalid = it breaks a rule of the protocol (403).
activity-reason-not-json = its body is not a JSON object (400).
activity-reason-too-large = its body is larger than { $count } bytes (413).
activity-reason-too-slow = its body did not arrive in time (408).
activity-reason-busy = the server was too busy (503).
activity-reason-no-space = the server’s disk is full (507).
activity-reason-disk-write = the server could not write to its disk (503).
activity-reason-data-directory = the server’s data directory was deleted or replaced (503).
activity-reason-documents = the account has as many books as it may have (507).
activity-reason-bytes = the account’s positions take as much space as they may (507).
activity-reason-free-disk = the server’s disk has little space left (507).
activity-reason-failed = the server failed (502); its log has the reason.
activity-next-makers = It will be refused again: tell the makers of the reading program.
activity-next-delete = Delete some books, or ask the administrator for a greater limit.
activity-next-until = KOReader keeps the position and sends it again; until then it is not stored.
activity-next-again = KOReader keeps the position and sends it again.
activity-next-asks = The device asks again.

## A position was asked for.

activity-got = { $device } asked for a position of { $book } and got the one of { $other }, { $percent }, reached { $when }.
activity-got-restored = { $device } asked for a position of { $book } and got the one that was put back, { $percent }, reached { $when }.
activity-same = { $device } asked for a position of { $book } and got the same one as before: the one of { $other }, { $percent }, reached { $when }. No device has sent a newer one since.
activity-same-restored = { $device } asked for a position of { $book } and got the same one as before: the one that was put back, { $percent }, reached { $when }. No device has sent a newer one since.
activity-own = { $device } asked for a position of { $book } and got the one that it had sent itself, { $percent }, reached { $when }. KOReader then says “Latest progress is coming from this device”.
activity-own-twin = A device of the same name and id also sends from { $address }. If that is another device, its settings were copied: give one of them a new id, as the documentation’s page “Troubleshooting” says.
activity-own-only = No other device has sent a newer one under this id. If one should have: is its push on this page, and under the same id?
activity-unknown = { $device } asked for a position of { $book }; none is known under this id.
activity-unknown-invalid = { $device } asked for a position of a book whose id is too long or has a colon; none is known under this id.
activity-unknown-then = { $device } asked for a position of { $book }; none was known under this id then. Now there is { $title }.
activity-unknown-started-over = { $device } asked for a position of { $book }.
activity-unknown-joined = { $device } asked for a position of { $book } and got none. It is joined with { $title }. If it still gets none, the places of the other files lead elsewhere in this one: read some pages of it on the device, and it gets positions.
activity-candidate = Your { $device } sent { $id } { $when }. If they are one book, the files differ.
activity-candidate-titled = Your { $device } sent { $title } as { $id } { $when }. If they are one book, the files differ.
activity-no-candidate = No other device has sent a position of another book in the day before.

## A login.

activity-login = { $device } logged in.
activity-login-wrong-password =
    { $address ->
        [none] A login failed: the password was wrong (401). If it was a device, log in again there: KOReader drops a position that is refused so.
       *[other] A login from { $address } failed: the password was wrong (401). If it was a device, log in again there: KOReader drops a position that is refused so.
    }
activity-login-disabled =
    { $address ->
        [none] A login failed: the account was disabled (401).
       *[other] A login from { $address } failed: the account was disabled (401).
    }
activity-login-too-many =
    { $address ->
        [none] A login was refused without checking its password, because too many had failed before (429). Find the device that still has an old password.
       *[other] A login from { $address } was refused without checking its password, because too many had failed before (429). Find the device that still has an old password.
    }
activity-login-busy =
    { $address ->
        [none] A login was refused: the server was too busy (503). Devices try again.
       *[other] A login from { $address } was refused: the server was too busy (503). Devices try again.
    }
activity-login-other-name =
    { $address ->
        [none] A client tried to log in as { $name }, and this account does not exist (401): yours is { $account }. Names are case-sensitive. Type yours on that device as it is here.
       *[other] A client from { $address } tried to log in as { $name }, and this account does not exist (401): yours is { $account }. Names are case-sensitive. Type yours on that device as it is here.
    }
activity-times = ({ $count } times { $since }.)
