account-title = Account
account-heading = Account <bdi>{ $name }</bdi>
account-language-and-time = Taal en tijd
account-language = Taal
account-language-default = Die van de browser
account-time-zone = Tijdzone
account-time-zone-default = Die van de server ({ $zone })
account-day-end = Je dag eindigt om
account-day-end-about = Wat je daarvoor leest, telt voor de vorige dag.
account-day-end-midnight = middernacht
account-no-such-choice = Die keuze bestaat niet. Laad de pagina opnieuw en kies iets wat daar staat.
account-usage =
    { $count ->
        [one] Je hebt { $count } boek van hoogstens { $max_documents }. De posities en de geschiedenis ervan nemen { $used } van { $max } in; daarboven vallen de oudste posities van de geschiedenissen weg.
       *[other] Je hebt { $count } boeken van hoogstens { $max_documents }. De posities en geschiedenissen ervan nemen { $used } van { $max } in; daarboven vallen de oudste posities van de geschiedenissen weg.
    }
account-why = <a href="{ $link }">Waarom synchroniseert het niet?</a> Wat je apparaten hebben opgevraagd en verstuurd.
account-position = Welke positie je apparaten krijgen
account-position-about = Elke positie komt in de geschiedenis van het boek, wat je ook kiest. Een andere keuze verplaatst zelf niets: die geldt vanaf de volgende positie.
account-rule-newest = Waar ik het laatst las
account-rule-furthest = Waar ik het verst ben
account-rule-last = Wat het laatst is gestuurd
account-rule-newest-about = De plek die een van je apparaten het laatst bereikte; een apparaat dat alleen wordt geopend, of oude plekken te laat stuurt, verplaatst die niet.
account-rule-furthest-about = De plek die het verst in het boek ligt, wanneer een apparaat die ook bereikte; gebruik ‘Opnieuw beginnen’ op de pagina van een boek om het opnieuw te lezen.
account-rule-last-about = Wat een apparaat het laatst stuurde, hoe oud ook, zoals op de officiële server van KOReader.
account-rule-default-newest = De standaard van de server (waar ik het laatst las)
account-rule-default-furthest = De standaard van de server (waar ik het verst ben)
account-rule-default-last = De standaard van de server (wat het laatst is gestuurd)
account-rule-default-about = Volgt wat de beheerder van de server instelt.
account-change-password = Wachtwoord wijzigen
account-password-configured = De configuratie van de server zet dit wachtwoord bij elke start opnieuw. Wijzig het daar.
account-password-about = Log daarna op elk van je apparaten opnieuw in met het nieuwe wachtwoord, behalve op die met een <a href="{ $link }">apparaatwachtwoord</a>: die blijven ingelogd. Trek de apparaatwachtwoorden in die je niet kent. Alle andere browsers worden uitgelogd.
account-delete = Account verwijderen
account-delete-about = Dit verwijdert definitief wat de server van je heeft: posities, geschiedenissen, namen, leesdagen en bestanden. Je boeken blijven op je apparaten.
account-delete-protected = Het account admin kan niet worden verwijderd.
account-delete-named = Account <bdi>{ $name }</bdi> verwijderen?
account-delete-named-about =
    { $count ->
        [one] Dit verwijdert het account met { $count } boek definitief: posities, geschiedenissen, namen, leesdagen en bestanden. De boeken blijven op de apparaten ervan.
       *[other] Dit verwijdert het account met { $count } boeken definitief: posities, geschiedenissen, namen, leesdagen en bestanden. De boeken blijven op de apparaten ervan.
    }
account-delete-confirm = Verwijderen
account-cancel = Annuleren
