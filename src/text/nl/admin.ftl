admin-transfer-title = Importeren en exporteren
admin-import = Importeren
admin-import-switched-off = Uploaden is uitgeschakeld met <code>max_import_bytes</code> in de configuratie van de server.
admin-import-intro = Haalt accounts, logins en posities uit een export van kosync of uit de <code>Kosync.db</code> van kosync-dotnet. De volgende pagina toont wat er zou gebeuren; er verandert niets voordat je het bevestigt.
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
admin-report-aliases = Andere id’s van documenten: { $created } toegevoegd, { $unchanged } niet nodig.
admin-report-would-alias = Andere id’s van documenten: { $created } toe te voegen, { $unchanged } niet nodig.
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
admin-export-about = Tekst die deze pagina en <code>kosync import</code> lezen, op elke machine. Zonder de bestanden van WebDAV-mappen.
admin-backup-download = Back-up downloaden
admin-backup-about = Een kopie van het gegevensbestand, voor <code>kosync restore</code>.
admin-check = Controleren
admin-check-intro = Leest alles en zegt of het klopt.
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
        [one] { $count } ander id van documenten.
       *[other] { $count } andere id’s van documenten.
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
       *[other] De database heeft { $count } problemen: zet een back-up terug of meld dit als fout in het programma.
    }
