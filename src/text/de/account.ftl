account-title = Konto
account-heading = Konto <bdi>{ $name }</bdi>
account-language-and-time = Sprache und Zeit
account-language = Sprache
account-language-default = Die des Browsers
account-time-zone = Zeitzone
account-time-zone-default = Die des Servers ({ $zone })
account-day-end = Dein Tag endet um
account-day-end-about = Was du vorher liest, zählt noch zum Tag davor.
account-day-end-midnight = Mitternacht
account-no-such-choice = Diese Auswahl gibt es nicht. Lade die Seite neu und wähle eine, die sie anbietet.
account-usage =
    { $count ->
        [one] Du hast { $count } Buch von höchstens { $max_documents }. Seine Positionen und sein Verlauf belegen { $used } von { $max }; darüber hinaus fallen die ältesten Positionen der Verläufe weg.
       *[other] Du hast { $count } Bücher von höchstens { $max_documents }. Ihre Positionen und Verläufe belegen { $used } von { $max }; darüber hinaus fallen die ältesten Positionen der Verläufe weg.
    }
account-why = <a href="{ $link }">Warum synchronisiert es nicht?</a> Was deine Geräte gefragt und gesendet haben.
account-position = Welche Position deine Geräte bekommen
account-position-about = Jede Position kommt in den Verlauf des Buchs, was du auch wählst. Eine andere Wahl verschiebt von sich aus nichts: Sie gilt ab der nächsten Position.
account-rule-newest = Wo ich zuletzt gelesen habe
account-rule-furthest = Wo ich am weitesten bin
account-rule-last = Was zuletzt gesendet wurde
account-rule-newest-about = Die Stelle, die eines deiner Geräte zuletzt erreicht hat; ein Gerät, das nur geöffnet wird oder alte Stellen verspätet sendet, verschiebt sie nicht.
account-rule-furthest-about = Die Stelle, die am weitesten im Buch liegt, wann auch immer ein Gerät sie erreicht hat; um ein Buch neu zu beginnen, verwende „Neu beginnen“ auf seiner Seite.
account-rule-last-about = Was ein Gerät zuletzt gesendet hat, wie alt es auch ist, wie auf dem offiziellen Server von KOReader.
account-rule-default-newest = Die Vorgabe des Servers (wo ich zuletzt gelesen habe)
account-rule-default-furthest = Die Vorgabe des Servers (wo ich am weitesten bin)
account-rule-default-last = Die Vorgabe des Servers (was zuletzt gesendet wurde)
account-rule-default-about = Folgt dem, was der Administrator des Servers einstellt.
account-change-password = Passwort ändern
account-password-configured = Die Konfiguration des Servers setzt dieses Passwort bei jedem Start neu. Ändere es dort.
account-password-about = Melde dich danach auf jedem deiner Geräte mit dem neuen Passwort an, außer auf denen mit einem <a href="{ $link }">Gerätepasswort</a>: Diese bleiben angemeldet. Widerrufe also die Gerätepasswörter, die du nicht kennst. Alle anderen Browser werden abgemeldet.
account-delete = Konto löschen
account-delete-about = Das löscht endgültig, was der Server von dir hat: Positionen, Verläufe, Namen, Lesetage und Dateien. Deine Bücher bleiben auf deinen Geräten.
account-delete-protected = Das Konto admin kann nicht gelöscht werden.
account-delete-named = Konto <bdi>{ $name }</bdi> löschen?
account-delete-named-about =
    { $count ->
        [one] Das löscht das Konto mit { $count } Buch endgültig: Positionen, Verläufe, Namen, Lesetage und Dateien. Die Bücher bleiben auf seinen Geräten.
       *[other] Das löscht das Konto mit { $count } Büchern endgültig: Positionen, Verläufe, Namen, Lesetage und Dateien. Die Bücher bleiben auf seinen Geräten.
    }
account-delete-confirm = Löschen
account-cancel = Abbrechen
