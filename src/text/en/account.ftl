account-title = Account
account-heading = Account <bdi>{ $name }</bdi>
account-language-and-time = Language and time
account-language = Language
account-language-default = The browser’s
account-time-zone = Time zone
account-time-zone-default = The server’s ({ $zone })
account-day-end = Your day ends at
account-day-end-about = What you read before then counts for the day before.
account-day-end-midnight = midnight
account-no-such-choice = There is no such choice. Reload the page and choose one that it offers.
account-usage =
    { $count ->
        [one] You have { $count } book of at most { $max_documents }. Its positions and history take { $used } of { $max }; beyond that, the oldest positions of the histories are removed.
       *[other] You have { $count } books of at most { $max_documents }. Their positions and histories take { $used } of { $max }; beyond that, the oldest positions of the histories are removed.
    }
account-why = <a href="{ $link }">Why does it not sync?</a> What your devices asked for and sent.
account-position = Which position your devices get
account-position-about = Every position goes into the book’s history, whatever you choose. Another choice moves nothing by itself: it applies from the next position on.
account-rule-newest = Where I read last
account-rule-furthest = Where I am furthest
account-rule-last = What was sent last
account-rule-newest-about = The place that one of your devices reached last; a device that is only opened, or sends old places late, does not move it.
account-rule-furthest-about = The place furthest into the book, whenever a device reached it; to begin a book again, use “Start over” on its page.
account-rule-last-about = Whatever a device sent last, however old that is, as on KOReader’s official server.
account-rule-default-newest = The server’s default (where I read last)
account-rule-default-furthest = The server’s default (where I am furthest)
account-rule-default-last = The server’s default (what was sent last)
account-rule-default-about = Follows what the server’s administrator sets.
account-change-password = Change password
account-password-configured = The server’s configuration sets this password again at each start. Change it there instead.
account-password-about = Afterwards, log in again on each of your devices with the new password, except those with a <a href="{ $link }">device password</a>: these stay logged in. Revoke the device passwords that you do not know. All other browsers are logged out.
account-delete = Delete account
account-delete-about = This permanently deletes what the server has of yours: positions, histories, names, reading days and files. Your books stay on your devices.
account-delete-protected = The account admin cannot be deleted.
account-delete-named = Delete account <bdi>{ $name }</bdi>?
account-delete-named-about =
    { $count ->
        [one] This permanently deletes the account with { $count } book: positions, histories, names, reading days and files. The books stay on its devices.
       *[other] This permanently deletes the account with { $count } books: positions, histories, names, reading days and files. The books stay on its devices.
    }
account-delete-confirm = Delete
account-cancel = Cancel
