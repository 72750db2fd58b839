admin-accounts-title = Accounts
admin-registration-open = Registratie is open
admin-registration-closed = Registratie is gesloten
admin-registration-open-about = Elk apparaat dat deze server bereikt, kan een account aanmaken.
admin-registration-closed-about = Apparaten kunnen geen accounts aanmaken. Hieronder kun jij dat wel.
admin-registration-configured-open = In de configuratie staat ‘open’. Jouw keuze hier gaat voor, ook na een herstart, tot de configuratie verandert.
admin-registration-configured-closed = In de configuratie staat ‘gesloten’. Jouw keuze hier gaat voor, ook na een herstart, tot de configuratie verandert.
admin-close-registration = Registratie sluiten
admin-open-registration = Registratie openen
admin-account-count =
    { $count ->
        [one] { $count } account
       *[other] { $count } accounts
    }
admin-limits = Elk account mag { $books } boeken, { $positions } aan posities en { $files } aan bestanden hebben, volgens de instellingen { $settings }.
admin-name = Naam
admin-books = Boeken
admin-positions = Posities
admin-files = Bestanden
admin-last-used = Laatst gebruikt
admin-never = nooit
admin-export-link = Exporteren
admin-administrator = beheerder
admin-disabled = uitgeschakeld
admin-enabled = ingeschakeld
admin-last-used-about = ‘Laatst gebruikt’ is het tijdstip van de laatste ontvangen positie of de laatste keer inloggen op deze pagina’s, op het uur nauwkeurig. Groottes zijn schattingen van wat het account van het gegevensbestand inneemt, geteld bij het openen van deze pagina.
admin-create-account = Account aanmaken
admin-account-heading = Account <bdi>{ $name }</bdi>
admin-number = Nummer
admin-created = Aangemaakt
admin-status = Status
admin-is-admin = Dit account kan niet worden uitgeschakeld of verwijderd. Wijzig het wachtwoord op zijn eigen pagina, <a href="{ $link }">Account</a>.
admin-disable-heading = Account uitschakelen
admin-enable-heading = Account inschakelen
admin-disable-about = De apparaten ervan kunnen dan niet meer inloggen en geen posities meer versturen of opvragen. Er wordt niets verwijderd.
admin-enable-about = De apparaten ervan kunnen dan weer inloggen en posities versturen en opvragen.
admin-disable = Uitschakelen
admin-enable = Inschakelen
admin-change-password = Wachtwoord wijzigen
admin-new-password = Nieuw wachtwoord
admin-repeat-password = Nieuw wachtwoord herhalen
admin-import-heading = Importeren en exporteren
admin-export-about = De export bevat alleen dit account, met de hash van het wachtwoord, de posities en geschiedenissen, zonder de bestanden van de WebDAV-map. Wat een andere server ervan heeft, importeer je op de pagina <a href="{ $link }">Importeren en exporteren</a>.
admin-download-export = Export downloaden
admin-delete = Account verwijderen…
admin-all-accounts = Alle accounts
admin-of = { $part } van { $whole }
admin-server-title = Server
admin-program = Programma
admin-version = Versie
admin-version-from = Van het programma dat deze pagina heeft gemaakt.
admin-started = Gestart
admin-started-from = Volgens de klok van de server: toen dit proces zijn gegevens opende.
admin-not-known = onbekend
admin-health = Toestand
admin-health-good = Goed: de gegevens zijn leesbaar en de bestanden staan op hun plek.
admin-health-from = Dezelfde controle als /healthcheck, zojuist gedaan.
admin-disk = Schijf
admin-directory = Gegevensmap
admin-directory-from = Uit de configuratie.
admin-disk-free = Vrij op de schijf ervan
admin-disk-free-from = Wat het bestandssysteem nu meldt.
admin-disk-reserve = Blijft vrij
admin-disk-reserve-from = Daaronder worden posities van nieuwe boeken geweigerd; instelling min_free_disk.
admin-file = Gegevensbestand
admin-file-from = De grootte van data.mdb.
admin-file-used = Daarvan in gebruik
admin-file-used-from = De pagina’s met gegevens, geteld door LMDB. De rest van het bestand wordt gebruikt voordat het groeit.
admin-file-max = Mag groeien tot
admin-file-max-from = De instelling max_store_bytes; zonder die instelling naar de grootte van de schijf bij het starten.
admin-copies = Back-ups
admin-backup = Laatste back-up
admin-backup-from = In de gegevens genoteerd door kosync backup en de pagina Importeren en exporteren. Kopieën van andere programma’s, zoals die van Home Assistant, zijn hier niet bekend.
admin-last-export = Laatste export
admin-export-from = In de gegevens genoteerd door kosync export en de pagina Importeren en exporteren: exports van alle accounts.
admin-none-known = geen bekend
admin-load = Belasting en verbindingen
admin-queue = Wachtende schrijfacties
admin-queue-from = De wachtrij voor de schijf, nu. Als die vol is, moeten apparaten het opnieuw proberen.
admin-connections = Open verbindingen
admin-connections-from = Op alle adressen van dit proces, nu, die van deze pagina meegerekend; instelling max_connections, verlaagd tot wat het systeem toestaat.
admin-mqtt = MQTT
admin-mqtt-off = uit
admin-mqtt-connected = Verbonden met { $broker } sinds { $since }.
admin-mqtt-disconnected = Geen verbinding sinds { $since }: { $reason }
admin-mqtt-from = De toestand van de verbinding met de broker in dit proces; instellingen mqtt.
admin-errors = Laatste fouten en waarschuwingen
admin-error = Fout
admin-errors-none = Geen sinds het starten.
admin-errors-from = Uit het logboek van dit proces sinds het starten, in de taal ervan: hoogstens tien van elk.
admin-errors-elsewhere = Het programma waar deze server deel van is, heeft ze in zijn logboek.
admin-transfer-title = Importeren en exporteren
admin-import = Importeren
admin-import-switched-off = Uploaden is uitgeschakeld met <code>max_import_bytes</code> in de configuratie van de server.
admin-import-intro = Neemt accounts, wachtwoorden en posities over uit een export van kosync of uit de <code>Kosync.db</code> van kosync-dotnet. De volgende pagina toont wat er zou gebeuren; er verandert niets voordat je het bevestigt.
admin-import-file = Bestand, hoogstens { $max }
admin-import-log = Kosync-log.db, als die naast Kosync.db staat
admin-import-upload = Uploaden en vooraf bekijken
admin-import-reading =
    { $documents ->
        [one] <b><bdi>{ $label }</bdi></b> wordt gelezen… Tot nu toe is { $documents } document vergeleken. Er is nog niets veranderd. Deze pagina laadt zichzelf opnieuw.
       *[other] <b><bdi>{ $label }</bdi></b> wordt gelezen… Tot nu toe zijn { $documents } documenten vergeleken. Er is nog niets veranderd. Deze pagina laadt zichzelf opnieuw.
    }
admin-import-preview = Voorbeeld van <b><bdi>{ $label }</bdi></b>. Er is nog niets veranderd.
admin-import-other-password = Hier een ander wachtwoord
admin-import-other-password-about = Zo’n account kan van iemand anders zijn. Selecteer de accounts die van dezelfde persoon zijn: hun boeken worden geïmporteerd en het wachtwoord hier blijft.
admin-import-preview-again = Opnieuw bekijken
admin-import-importing =
    { $of ->
        [one] <b><bdi>{ $label }</bdi></b> wordt geïmporteerd… { $documents } van { $of } document. De server blijft voor iedereen bereikbaar. Deze pagina laadt zichzelf opnieuw.
       *[other] <b><bdi>{ $label }</bdi></b> wordt geïmporteerd… { $documents } van { $of } documenten. De server blijft voor iedereen bereikbaar. Deze pagina laadt zichzelf opnieuw.
    }
admin-import-finished = <b><bdi>{ $label }</bdi></b> is geïmporteerd.
admin-import-another = Nog een bestand importeren
admin-import-choose-another = Een ander bestand kiezen
admin-import-stop = Stoppen
admin-import-stopped = De import is gestopt; wat tot dan toe is geïmporteerd, blijft.
admin-import-not-waiting = Deze import wacht niet meer op een beslissing: hij is intussen gestart of geschrapt, of het bestand stond hier al een uur.
admin-import-running = Er loopt een andere import. Wacht tot die klaar is of stop hem.
admin-import-no-file = Er is geen bestand gekozen. Kies het bestand dat je wilt importeren.
admin-import-malformed = De upload is geen formulier met een bestand of is afgebroken. Ga terug en probeer het opnieuw.
admin-import-no-uploads = Uploaden is uitgeschakeld met ‘max_import_bytes’.
admin-report-created = Aangemaakt: { $accounts ->
        [one] { $accounts } account
       *[other] { $accounts } accounts
    } en { $documents ->
        [one] { $documents } document
       *[other] { $documents } documenten
    }.
admin-report-would-create = Zou aanmaken: { $accounts ->
        [one] { $accounts } account
       *[other] { $accounts } accounts
    } en { $documents ->
        [one] { $documents } document
       *[other] { $documents } documenten
    }.
admin-report-advanced = Naar een nieuwere positie gebracht: { $documents ->
        [one] { $documents } document
       *[other] { $documents } documenten
    }; de eerdere staat in de geschiedenis.
admin-report-would-advance = Zou naar een nieuwere positie brengen: { $documents ->
        [one] { $documents } document
       *[other] { $documents } documenten
    }; de eerdere staat in de geschiedenis.
admin-report-unchanged = Onveranderd: { $accounts ->
        [one] { $accounts } account
       *[other] { $accounts } accounts
    }, met het wachtwoord dat ze hier hebben, en { $documents ->
        [one] { $documents } document
       *[other] { $documents } documenten
    }, waarvan de positie hier even nieuw of nieuwer is.
admin-report-aliases = Andere ID’s van documenten: { $created } toegevoegd, { $unchanged } niet nodig.
admin-report-would-alias = Andere ID’s van documenten: { $created } toe te voegen, { $unchanged } niet nodig.
admin-report-skipped = Overgeslagen: { $count ->
        [one] { $count } record
       *[other] { $count } records
    }, zie hieronder.
admin-report-would-skip = Zou overslaan: { $count ->
        [one] { $count } record
       *[other] { $count } records
    }, zie hieronder.
admin-report-left-out = Weggelaten met { $documents ->
        [one] { $documents } document
       *[other] { $documents } documenten
    }: { $names }. Om er een te importeren in het account met die naam hier, dat zijn wachtwoord houdt, upload je het bestand opnieuw en selecteer je het.
admin-report-would-leave-out = Weggelaten met { $documents ->
        [one] { $documents } document
       *[other] { $documents } documenten
    }: { $names }. Om er een te importeren in het account met die naam hier, dat zijn wachtwoord houdt, selecteer je het hieronder.
admin-report-without-password = Zonder wachtwoord: { $names }. Stel er voor elk een in onder ‘Accounts beheren’.
admin-report-reader-named-admin = De bron heeft een gewoon account ‘admin’. Die naam is hier van de beheerder: zodra er een beheerderswachtwoord is ingesteld, logt ‘admin’ daarmee in.
admin-report-lacks-log = Naast de database staat geen log (Kosync-log.db), wat gebruikelijk is. Staat er een naast het origineel, dan staan de nieuwste posities alleen daarin: upload die samen met de database.
admin-report-skipped-records = Overgeslagen records
admin-report-more =
    { $count ->
        [one] … en nog { $count }
       *[other] … en nog { $count }
    }
admin-export = Export en back-up
admin-export-intro = Beide bevatten alles, met de wachtwoordhashes van alle accounts: houd ze privé.
admin-export-download = Export downloaden
admin-export-text = Tekst die deze pagina en <code>kosync import</code> lezen, op elke machine. Zonder de bestanden van WebDAV-mappen.
admin-backup-download = Back-up downloaden
admin-backup-about = Een kopie van het gegevensbestand, voor <code>kosync restore</code>.
admin-check = Controleren
admin-check-intro = Leest alle gegevens en meldt of ze kloppen.
admin-check-button = Gegevens controleren
admin-check-summary = { $accounts ->
        [one] { $accounts } account
       *[other] { $accounts } accounts
    }, { $documents ->
        [one] { $documents } document
       *[other] { $documents } documenten
    }, { $positions ->
        [one] { $positions } positie met geschiedenis
       *[other] { $positions } posities met geschiedenis
    }, { $sessions ->
        [one] { $sessions } sessie
       *[other] { $sessions } sessies
    }, { $size }.
admin-check-aliases =
    { $count ->
        [one] { $count } andere ID van documenten.
       *[other] { $count } andere ID’s van documenten.
    }
admin-check-files =
    { $count ->
        [one] { $count } bestand in WebDAV-mappen.
       *[other] { $count } bestanden in WebDAV-mappen.
    }
admin-check-old-rows =
    { $count ->
        [one] { $count } rij in de indeling van een oudere versie; die wordt omgezet als ze weer wordt geschreven.
       *[other] { $count } rijen in de indeling van een oudere versie; elk wordt omgezet als ze weer wordt geschreven.
    }
admin-check-sound = Geen problemen gevonden.
admin-check-problems =
    { $count ->
        [one] De database heeft { $count } probleem: zet een back-up terug of meld dit als fout in het programma.
       *[other] De database heeft { $count } problemen: zet een back-up terug of meld ze als fout in het programma.
    }
admin-protected = Het account admin kan niet worden uitgeschakeld of verwijderd, en alleen de eigenaar kan het wachtwoord wijzigen.
admin-suggested = Alle accounts beheren
admin-suggested-about = Nog geen enkel account is beheerder. Home Assistant vertelt apps niet wie zijn beheerders zijn: vul <code>{ $user }</code> in onder <b>Instellingen → Apps → KOReader Sync → Configuratie → Beheerders</b>, sla op en start de app opnieuw.
admin-import-unexpected = een onverwachte fout heeft de import beëindigd; de oorzaak staat in het logboek van de server
admin-import-interrupted = de import is afgebroken, en wat tot dan toe is geïmporteerd, blijft; verhelp dit en herhaal hem: { $reason }
admin-record-line = regel { $number }
admin-record-account = account { $name }
admin-record-notes = notities van account { $name }
admin-record-document = document { $name }
admin-record-documents-from = document { $number } en alle daarna
admin-record-all-documents = alle documenten
admin-record-book = boek van document { $name }
admin-record-alias = andere ID { $name }
admin-record-at = het account op pagina { $page }, plaats { $slot }
admin-record-end = het einde van het bestand
admin-record-more =
    { $count ->
        [one] nog { $count }
       *[other] nog { $count }
    }
admin-skip-foreign-hash = de sleutel is geen Argon2id-hash zoals deze server die maakt
admin-skip-blank-name = de naam begint of eindigt met een spatie en zou hier een ander account zijn
admin-skip-future = de tijd ligt in de toekomst: { $timestamp } s na 1970
admin-skip-no-account = het account ervan bestaat niet
admin-skip-other-password = het account met die naam heeft hier een ander wachtwoord, en kan dus van iemand anders zijn
admin-skip-other-hash = het account met die naam heeft hier een ander wachtwoord, of hetzelfde opnieuw ingesteld, en kan dus van iemand anders zijn
admin-skip-unknown-password = de bron heeft het wachtwoord niet, dus het account met die naam kan hier van iemand anders zijn
admin-skip-too-long = die is langer dan { $max }
admin-skip-no-record = dit is geen record van een export: { $detail }
admin-skip-unstorable = geen server kan dit hebben: { $detail }
admin-skip-damaged = het record is beschadigd in de database: { $detail }
admin-skip-log-missing =
    { $count ->
        [one] het bestand heeft { $count } pagina meer dan de database: het log (Kosync-log.db naast Kosync.db) is niet meegekopieerd, en de nieuwste posities ontbreken
       *[other] het bestand heeft { $count } pagina’s meer dan de database: het log (Kosync-log.db naast Kosync.db) is niet meegekopieerd, en de nieuwste posities ontbreken
    }
admin-skip-not-indexed = de index van de accounts bevat het niet
admin-skip-not-listed =
    { $count ->
        [one] alleen het eerste staat hier
       *[other] alleen de eerste { $count } staan hier
    }
admin-source-empty = het bestand is leeg
admin-source-cut-off = het bestand is afgekapt: de laatste regel ontbreekt
admin-source-at-line = regel { $number }: { $reason }
admin-source-newer = deze export is van een nieuwere versie van kosync (formaat { $format }); werk eerst deze server bij
admin-source-no-export = dit is geen export van kosync
admin-source-another-export = hier begint een andere export: importeer ze na elkaar
admin-source-other-count =
    { $count ->
        [one] er is { $count } record, maar de laatste regel telt andere: de export is niet volledig
       *[other] er zijn { $count } records, maar de laatste regel telt andere: de export is niet volledig
    }
admin-source-goes-on = dit is de laatste regel van de export, maar het bestand gaat verder
admin-source-data-file = dit is een back-up of het gegevensbestand van een server: ‘kosync restore’ maakt er een gegevensmap van
admin-source-redis = dit is een dump van Redis: start er een Redis mee en importeer dan ‘redis://127.0.0.1:6379/1’ met ‘kosync import’
admin-source-compressed = het bestand is gecomprimeerd: pak het eerst uit
admin-source-sqlite = dit is een SQLite-database, die geen enkele ondersteunde server schrijft
admin-source-unknown = dit is geen export van kosync en geen database van kosync-dotnet
admin-source-no-account = het account { $name }, dat moet worden samengevoegd, staat er niet in
admin-source-other = het kan niet worden gelezen: { $detail }
admin-database-encrypted = de database is versleuteld; verwijder het wachtwoord met LiteDB en probeer het opnieuw
admin-database-too-old = de database is van LiteDB 4; open hem één keer met LiteDB 5, dat hem bijwerkt, en probeer het opnieuw
admin-database-version = de database heeft versie { $version } van het formaat van LiteDB; alleen versie 8, die van LiteDB 5, wordt ondersteund
admin-database-rebuild = LiteDB heeft de database als beschadigd gemarkeerd; laat LiteDB hem herbouwen en probeer het opnieuw
admin-database-missing-page = pagina { $page } ontbreekt: het bestand is afgekapt, of het log (Kosync-log.db naast Kosync.db) is niet meegekopieerd
admin-database-damaged = de database is beschadigd, of het log (Kosync-log.db naast Kosync.db) is niet meegekopieerd: pagina { $page }: { $detail }
admin-database-damaged-log = het log is beschadigd of geen log van LiteDB: bij byte { $at } staat geen geldige pagina
admin-database-foreign-log = het log hoort bij een andere database
admin-database-no-users = de database heeft geen verzameling ‘users’: hij is niet van kosync-dotnet, is nooit gebruikt, of het log (Kosync-log.db naast Kosync.db) is niet meegekopieerd
