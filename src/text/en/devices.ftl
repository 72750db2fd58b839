devices-title = Devices
devices-count =
    { $count ->
        [one] { $count } device, most recently used first
       *[other] { $count } devices, most recently used first
    }
devices-books =
    { $count ->
        [one] { $count } book
       *[other] { $count } books
    }
devices-calls-itself = calls itself <bdi>{ $name }</bdi>
devices-change = Rename or forget
devices-change-label = Rename or forget { $name }
devices-name-label = Your name for this device
devices-name-about = For example “Kobo in the kitchen”. Leave it empty to use the name that the device sends.
devices-name-too-long = The name was not saved: it is longer than { $limit } characters. Shorten it.
devices-name-control = The name was not saved: it has control characters, such as a line break. Remove them.
devices-forget = Forget
devices-forget-label = Forget { $name }
devices-forget-about = Forgetting removes the device from this list until it pushes again. Its positions, its mark and its name stay.
