account-title = Cuenta
account-heading = Cuenta <bdi>{ $name }</bdi>
account-language-and-time = Idioma y hora
account-language = Idioma
account-language-default = El del navegador
account-time-zone = Zona horaria
account-time-zone-default = La del servidor ({ $zone })
account-day-end = Hora a la que termina tu día
account-day-end-about = Lo que leas antes cuenta para el día anterior.
account-day-end-midnight = medianoche
account-no-such-choice = Esa opción no existe. Recarga la página y elige una de las que muestra.
account-usage =
    { $count ->
        [one] Tienes { $count } libro de { $max_documents } como máximo. Sus posiciones y su historial ocupan { $used } de { $max }; a partir de ahí se eliminan las posiciones más antiguas de los historiales.
       *[other] Tienes { $count } libros de { $max_documents } como máximo. Sus posiciones e historiales ocupan { $used } de { $max }; a partir de ahí se eliminan las posiciones más antiguas de los historiales.
    }
account-why = <a href="{ $link }">¿Por qué no se sincroniza?</a> Lo que tus dispositivos han pedido y enviado.
account-position = Qué posición reciben tus dispositivos
account-position-about = Todas las posiciones van al historial del libro, elijas lo que elijas. Otra elección no mueve nada por sí sola: se aplica a partir de la próxima posición.
account-rule-newest = Donde leí por última vez
account-rule-furthest = Donde he llegado más lejos
account-rule-last = Lo último que se envió
account-rule-newest-about = El lugar al que llegó por última vez uno de tus dispositivos; uno que solo se abre, o que envía tarde lugares antiguos, no lo mueve.
account-rule-furthest-about = El lugar más avanzado del libro, sin importar cuándo se llegó a él; para empezar un libro de nuevo, usa «Empezar de nuevo» en su página.
account-rule-last-about = Lo último que envió un dispositivo, por antiguo que sea, como en el servidor oficial de KOReader.
account-rule-default-newest = El ajuste del servidor (donde leí por última vez)
account-rule-default-furthest = El ajuste del servidor (donde he llegado más lejos)
account-rule-default-last = El ajuste del servidor (lo último que se envió)
account-rule-default-about = Sigue lo que fije el administrador del servidor.
account-change-password = Cambiar la contraseña
account-password-configured = La configuración del servidor restablece esta contraseña en cada arranque. Cámbiala en la configuración.
account-password-about = Después, inicia sesión con la nueva contraseña en cada uno de tus dispositivos, salvo en los que tienen una <a href="{ $link }">contraseña de dispositivo</a>: estos siguen conectados. Revoca las contraseñas de dispositivo que no conozcas. Se cierra la sesión en los demás navegadores.
account-delete = Eliminar la cuenta
account-delete-about = Esto elimina definitivamente lo que el servidor tiene de ti: posiciones, historiales, nombres, días de lectura y archivos. Tus libros se quedan en tus dispositivos.
account-delete-protected = La cuenta admin no se puede eliminar.
account-delete-named = ¿Eliminar la cuenta <bdi>{ $name }</bdi>?
account-delete-named-about =
    { $count ->
        [one] Esto elimina definitivamente la cuenta con { $count } libro: posiciones, historiales, nombres, días de lectura y archivos. Los libros se quedan en sus dispositivos.
       *[other] Esto elimina definitivamente la cuenta con { $count } libros: posiciones, historiales, nombres, días de lectura y archivos. Los libros se quedan en sus dispositivos.
    }
account-delete-confirm = Eliminar
account-cancel = Cancelar
