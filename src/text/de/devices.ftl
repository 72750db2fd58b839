devices-title = Geräte
devices-count =
    { $count ->
        [one] { $count } Gerät, zuletzt benutzte zuerst
       *[other] { $count } Geräte, zuletzt benutzte zuerst
    }
devices-books =
    { $count ->
        [one] { $count } Buch
       *[other] { $count } Bücher
    }
devices-calls-itself = nennt sich selbst <bdi>{ $name }</bdi>
devices-change = Umbenennen oder vergessen
devices-change-label = { $name } umbenennen oder vergessen
devices-name-label = Dein Name für dieses Gerät
devices-name-about = Zum Beispiel „Kobo in der Küche“. Lass das Feld leer, um den Namen zu verwenden, den das Gerät sendet.
devices-name-too-long = Der Name wurde nicht gespeichert: Er ist länger als { $limit } Zeichen. Kürze ihn.
devices-name-control = Der Name wurde nicht gespeichert: Er enthält Steuerzeichen, etwa einen Zeilenumbruch. Entferne sie.
devices-forget = Vergessen
devices-forget-label = { $name } vergessen
devices-forget-about = Vergessen nimmt das Gerät aus dieser Liste, bis es wieder etwas sendet. Seine Positionen, sein Zeichen und sein Name bleiben.
