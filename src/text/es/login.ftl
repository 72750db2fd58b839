login-title = Iniciar sesión
login-intro = Usa el nombre y la contraseña de tu lector.
login-name = Nombre
login-password = Contraseña
login-no-account = ¿Aún no tienes cuenta? <a href="{ $link }">Crea una</a>, o regístrate en KOReader: <b>Herramientas → Sincronizar la posición de lectura → Registrar / Iniciar sesión</b>, después de escribir esta dirección en <b>Servidor de sincronización personalizado</b>:
login-closed = ¿Aún no tienes cuenta? El registro está cerrado en este servidor. Pide una cuenta a su administrador.
login-forgotten = ¿Has olvidado la contraseña? Un administrador de este servidor puede poner una nueva, aquí en <b>Gestionar cuentas</b> o en el servidor con <code>kosync user passwd NOMBRE</code>.
login-register-title = Crear una cuenta
login-register-intro = Usa el mismo nombre y la misma contraseña en KOReader. El servidor no guarda ninguna copia de la contraseña que pueda enviarte: recuérdala.
login-have-account = ¿Ya tienes cuenta? <a href="{ $link }">Inicia sesión</a>
login-repeat-password = Repite la contraseña
login-create-account = Crear cuenta
login-create-intro = Usa el mismo nombre y la misma contraseña en KOReader.
login-choose-title = Elige una cuenta
login-home-assistant-user = Home Assistant ha iniciado tu sesión como <b><bdi>{ $name }</bdi></b>.
login-choose-listed = Las páginas muestran la cuenta que elijas aquí.
login-choose-once = Inicia sesión una vez con el nombre y la contraseña de tu lector. Las páginas muestran entonces esa cuenta, hasta que cambie su contraseña.
login-choose-again = Para volver a elegir, usa «Cambiar de cuenta» en la parte superior de cualquier página.
login-books =
    { $count ->
        [one] { $count } libro
       *[other] { $count } libros
    }
login-again-title = ¿Enviarlo de nuevo?
login-again-intro = Has vuelto a iniciar sesión. Tu sesión había terminado, así que aún no se ha guardado nada. Esto es lo que escribiste:
login-current-password = Contraseña actual
login-new-password = Nueva contraseña
login-repeat-new-password = Repite la nueva contraseña
login-do-not-send = No enviarlo e ir a la página del formulario
login-session-ended = Tu sesión ha terminado, así que no se ha guardado nada. Inicia sesión: después podrás enviar lo que escribiste.
login-session-ended-repeat = Tu sesión ha terminado, así que no se ha guardado nada. Inicia sesión y vuelve a hacerlo.
login-session-ended-too-long = Tu sesión ha terminado, así que no se ha guardado nada. Lo que escribiste es demasiado largo para conservarlo aquí: vuelve atrás en el navegador, cópialo e inicia sesión.
login-session-ended-file = Tu sesión ha terminado, así que no se ha guardado nada. Inicia sesión y vuelve a elegir el archivo.
login-taken = Ya existe una cuenta con este nombre. Elige otro, o inicia sesión con su contraseña.
login-account-gone = Esta cuenta ya no existe. Elige otra, o crea una.
login-not-created = La cuenta no se ha creado: { $reason }.
