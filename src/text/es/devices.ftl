devices-title = Dispositivos
devices-count =
    { $count ->
        [one] { $count } dispositivo, el último usado primero
       *[other] { $count } dispositivos, el último usado primero
    }
devices-books =
    { $count ->
        [one] { $count } libro
       *[other] { $count } libros
    }
devices-calls-itself = se identifica como <bdi>{ $name }</bdi>
devices-change = Cambiar el nombre u olvidar
devices-change-label = Cambiar el nombre de { $name } u olvidarlo
devices-name-label = Tu nombre para este dispositivo
devices-name-about = Por ejemplo, «Kobo de la cocina». Déjalo vacío para usar el nombre que envía el dispositivo.
devices-name-too-long = El nombre no se guardó: tiene más de { $limit } caracteres. Acórtalo.
devices-name-control = El nombre no se guardó: tiene caracteres de control, como un salto de línea. Quítalos.
devices-forget = Olvidar
devices-forget-label = Olvidar { $name }
devices-forget-about = Olvidar quita el dispositivo de esta lista hasta que vuelva a enviar algo. Sus posiciones, su marca y su nombre se conservan.
