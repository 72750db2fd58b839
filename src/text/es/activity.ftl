activity-title = ¿Por qué no se sincroniza?
activity-intro = Lo que tus dispositivos han pedido y enviado, y el resultado, lo más reciente primero. El servidor recuerda las últimas 200 peticiones, solo en memoria, desde que arrancó: <time datetime="{ $datetime }" title="{ $exact }">{ $started }</time>.
activity-none = Desde entonces ningún dispositivo ha pedido ni enviado nada. Abre un libro en KOReader, pasa una página y elige «Exportar la posición de lectura de este dispositivo». Si entonces no aparece nada aquí, el dispositivo no llega a este servidor o usa otra cuenta. La dirección del servidor es:
activity-put-back = Recuperar
activity-show-book = Ver el libro
activity-join = Son el mismo libro
activity-show-other = Ver el otro libro
activity-missing-heading = Si aquí falta una petición
activity-missing = Lo que no está en esta página no llegó al servidor con esta cuenta: sin wifi, otra dirección u otra cuenta. KOReader guarda durante cuatro semanas una posición que no pudo enviar, y la envía más tarde.
activity-stayed-heading = Si un dispositivo recibió una posición y no fue a ella
activity-stayed = KOReader solo va por sí mismo a una posición, o pregunta, cuando la pide automáticamente, y solo si es más reciente que la última página pasada en el dispositivo. «Importar la posición de lectura de otros dispositivos» va a ella sin preguntar.

activity-device-unnamed = (sin nombre)
activity-device-inferred = { $device } (por su dirección)
activity-device =
    { $address ->
        [none] Un dispositivo
       *[other] Un dispositivo en { $address }
    }
activity-device-agent =
    { $address ->
        [none] Un dispositivo ({ $agent })
       *[other] Un dispositivo en { $address } ({ $agent })
    }
activity-a-book = un libro

activity-pushed = { $device } ha enviado { $percent } de { $book }.
activity-pushed-queue = { $device } ha enviado en pocos segundos { $count } posiciones de { $book }, como hace un dispositivo que antes no podía llegar al servidor; la última es { $percent }.
activity-pushed-several = { $device } ha enviado { $count } posiciones de { $book } { $since }; la última es { $percent }.
activity-effect-moved = Ha pasado a ser la posición actual.
activity-effect-held-repeat = Ya es la posición actual, que este dispositivo había enviado antes.
activity-effect-repeat = Ya estaba ahí. Un dispositivo en el que no se ha avanzado no ocupa el lugar de ningún otro.
activity-effect-opened = Es el principio, tal como lo envía un dispositivo en el que se abre un libro por primera vez.
activity-effect-echo = Había recibido ese lugar de otro dispositivo y no se ha movido de él.
activity-effect-queue = Está por detrás de lo que otro dispositivo había alcanzado.
activity-effect-not-further = No está más adelante. Según la regla de esta cuenta, la posición más avanzada es la actual.
activity-effect-landed-elsewhere = El lugar es de otro archivo de este libro, y en este archivo llevaba a otra parte.
activity-into-history = La posición está en el historial del libro.
activity-started-over = El libro se empezó de nuevo: no hay posición actual hasta que un dispositivo siga leyendo.
activity-still = La posición actual sigue siendo la de { $device }, { $percent }.
activity-still-restored = La posición actual sigue siendo la que se recuperó, { $percent }.

activity-push-refused = { $device } ha enviado una posición de { $book }, que fue rechazada:
activity-push-refused-unnamed = { $device } ha enviado una posición, que fue rechazada:
activity-pull-refused = { $device } ha pedido una posición de { $book } y no ha recibido respuesta:
activity-reason-number = el campo «{ $field }» falta o no es un número (403).
activity-reason-id = el campo «{ $field }» falta, no es un texto, está vacío o contiene dos puntos o bytes que no son UTF-8 (403).
activity-reason-list = la lista «{ $field }» debe tener de 1 a 8 entradas con la forma del protocolo, ningún tipo repetido y una cuyo valor sea el ID del libro (403).
activity-reason-field = el campo «{ $field }» falta o no es un texto (403).
activity-reason-long-field = el campo «{ $field }» es demasiado largo (403).
activity-reason-invalid = infringe una regla del protocolo (403).
activity-reason-not-json = el contenido no es un objeto JSON (400).
activity-reason-too-large = el contenido ocupa más de { $count } bytes (413).
activity-reason-too-slow = el contenido no llegó a tiempo (408).
activity-reason-busy = el servidor estaba demasiado ocupado (503).
activity-reason-no-space = el disco del servidor está lleno (507).
activity-reason-disk-write = el servidor no pudo escribir en su disco (503).
activity-reason-data-directory = el directorio de datos del servidor se eliminó o se sustituyó (503).
activity-reason-documents = la cuenta tiene tantos libros como puede tener (507).
activity-reason-bytes = las posiciones de la cuenta ocupan todo el espacio permitido (507).
activity-reason-free-disk = al disco del servidor le queda poco espacio (507).
activity-reason-failed = el servidor ha fallado (502); su registro da el motivo.
activity-next-makers = Se rechazará de nuevo: avisa a los autores del programa de lectura.
activity-next-delete = Elimina algunos libros, o pide al administrador un límite mayor.
activity-next-until = KOReader guarda la posición y la envía de nuevo; hasta entonces no queda almacenada.
activity-next-again = KOReader guarda la posición y la envía de nuevo.
activity-next-asks = El dispositivo vuelve a pedirla.

activity-got = { $device } ha pedido una posición de { $book } y ha recibido la de { $other }, { $percent }, alcanzada { $when }.
activity-got-restored = { $device } ha pedido una posición de { $book } y ha recibido la que se recuperó, { $percent }, alcanzada { $when }.
activity-same = { $device } ha pedido una posición de { $book } y ha recibido la misma que antes, la de { $other }, { $percent }, alcanzada { $when }. Desde entonces ningún dispositivo ha enviado una más reciente.
activity-same-restored = { $device } ha pedido una posición de { $book } y ha recibido la misma que antes, la que se recuperó, { $percent }, alcanzada { $when }. Desde entonces ningún dispositivo ha enviado una más reciente.
activity-own = { $device } ha pedido una posición de { $book } y ha recibido la que él mismo había enviado, { $percent }, alcanzada { $when }. KOReader dice entonces «Latest progress is coming from this device».
activity-own-twin = Un dispositivo con el mismo nombre y el mismo ID envía también desde { $address }. Si es otro dispositivo, sus ajustes se copiaron: da a uno de los dos un ID nuevo, como explica la página «Troubleshooting» de la documentación.
activity-own-only = Ningún otro dispositivo ha enviado una más reciente con este ID. Si alguno debería haberlo hecho: ¿está su envío en esta página, y con el mismo ID?
activity-unknown = { $device } ha pedido una posición de { $book }; no se conoce ninguna con este ID.
activity-unknown-invalid = { $device } ha pedido una posición de un libro cuyo ID es demasiado largo o contiene dos puntos; no se conoce ninguna con este ID.
activity-unknown-then = { $device } ha pedido una posición de { $book }; entonces no se conocía ninguna con este ID. Ahora existe { $title }.
activity-unknown-started-over = { $device } ha pedido una posición de { $book }.
activity-unknown-joined = { $device } ha pedido una posición de { $book } y no ha recibido ninguna. El archivo está unido con { $title }. Si sigue sin recibir ninguna, los lugares de los otros archivos llevan a otro sitio en este: lee unas páginas en el dispositivo y recibirá posiciones.
activity-candidate = Tu dispositivo { $device } ha enviado { $id } { $when }. Si son el mismo libro, los archivos son distintos.
activity-candidate-titled = Tu dispositivo { $device } ha enviado { $title } como { $id } { $when }. Si son el mismo libro, los archivos son distintos.
activity-no-candidate = Ningún otro dispositivo ha enviado una posición de otro libro en el día anterior.

activity-login = { $device } ha iniciado sesión.
activity-login-wrong-password =
    { $address ->
        [none] Un inicio de sesión ha fallado: la contraseña era incorrecta (401). Si era un dispositivo, vuelve a iniciar sesión en él: KOReader descarta una posición que se rechaza así.
       *[other] Un inicio de sesión desde { $address } ha fallado: la contraseña era incorrecta (401). Si era un dispositivo, vuelve a iniciar sesión en él: KOReader descarta una posición que se rechaza así.
    }
activity-login-disabled =
    { $address ->
        [none] Un inicio de sesión ha fallado: la cuenta estaba desactivada (401).
       *[other] Un inicio de sesión desde { $address } ha fallado: la cuenta estaba desactivada (401).
    }
activity-login-too-many =
    { $address ->
        [none] Un inicio de sesión se rechazó sin comprobar la contraseña, porque antes habían fallado demasiados (429). Busca el dispositivo que aún tiene una contraseña antigua.
       *[other] Un inicio de sesión desde { $address } se rechazó sin comprobar la contraseña, porque antes habían fallado demasiados (429). Busca el dispositivo que aún tiene una contraseña antigua.
    }
activity-login-busy =
    { $address ->
        [none] Un inicio de sesión se rechazó: el servidor estaba demasiado ocupado (503). Los dispositivos vuelven a intentarlo.
       *[other] Un inicio de sesión desde { $address } se rechazó: el servidor estaba demasiado ocupado (503). Los dispositivos vuelven a intentarlo.
    }
activity-login-other-name =
    { $address ->
        [none] Un programa ha intentado iniciar sesión como { $name }, y no existe esa cuenta (401): la tuya es { $account }. Se distingue entre mayúsculas y minúsculas. Escribe tu nombre en ese dispositivo tal como está aquí.
       *[other] Un programa desde { $address } ha intentado iniciar sesión como { $name }, y no existe esa cuenta (401): la tuya es { $account }. Se distingue entre mayúsculas y minúsculas. Escribe tu nombre en ese dispositivo tal como está aquí.
    }
activity-times = ({ $count } veces { $since }.)
