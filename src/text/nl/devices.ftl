devices-title = Apparaten
devices-count =
    { $count ->
        [one] { $count } apparaat, laatst gebruikt eerst
       *[other] { $count } apparaten, laatst gebruikt eerst
    }
devices-books =
    { $count ->
        [one] { $count } boek
       *[other] { $count } boeken
    }
devices-calls-itself = meldt zich als <bdi>{ $name }</bdi>
devices-change = Naam wijzigen of vergeten
devices-change-label = Naam wijzigen of vergeten: { $name }
devices-name-label = Jouw naam voor dit apparaat
devices-name-about = Bijvoorbeeld ‘Kobo in de keuken’. Laat het leeg om de naam te gebruiken die het apparaat stuurt.
devices-name-too-long = De naam is niet opgeslagen: hij is langer dan { $limit } tekens. Maak hem korter.
devices-name-control = De naam is niet opgeslagen: er staan besturingstekens in, zoals een regeleinde. Verwijder ze.
devices-forget = Vergeten
devices-forget-label = { $name } vergeten
devices-forget-about = Vergeten haalt het apparaat uit deze lijst tot het weer iets verstuurt. Zijn posities, zijn teken en zijn naam blijven.
