proxy-logged-in = El proxy que hay delante de este servidor ha iniciado tu sesión como <b><bdi>{ $name }</bdi></b>.
proxy-until-another = Las páginas muestran esta cuenta hasta que elijas otra.
proxy-choose-again = Para volver a elegir, usa «Cambiar de cuenta» en la página «Cuenta».
proxy-use-account = Usar la cuenta <bdi>{ $name }</bdi>
proxy-account-disabled = La cuenta <bdi>{ $name }</bdi> está desactivada. Pide al administrador del servidor que la active, o elige otra.
proxy-other-account = Otra cuenta
proxy-log-out = Cerrar la sesión en el proxy que hay delante de este servidor
