import type { enAccess } from './en.access.ts'

/** The Spanish words about getting into the account, backups and moving. */
export const esAccess: typeof enAccess = {
  access: {
    password: 'Contraseña',
    passwordHas: 'Con ella inicias sesión por nombre donde no tienes un enlace.',
    passwordNone: 'Todavía no hay ninguna: inicias sesión con un enlace. Con una contraseña también puedes hacerlo por nombre.',
    change: 'Cambiar la contraseña',
    set: 'Poner una contraseña',
    current: 'Contraseña actual',
    next: 'Contraseña nueva',
    nextHelp: 'Al menos 8 caracteres. Una frase es buena y fácil de recordar.',
    signsOut: 'Se cierran todas las demás sesiones de esta cuenta.',
    changed:
      'La contraseña está puesta. No había nadie más con sesión. | La contraseña está puesta y se cerró {n} sesión más. | La contraseña está puesta y se cerraron {n} sesiones más.',
    sessions: 'Sesiones iniciadas',
    sessionsText: 'Navegadores y equipos que pueden actuar por ti. Cierra la sesión de lo que no conozcas y cambia entonces la contraseña.',
    sessionsNone: 'Nadie ha iniciado una sesión propia: esta página actúa a través del equipo en el que funciona.',
    here: 'esta página',
    program: 'Pictor Worker o su línea de comandos',
    used: 'último uso {age}, desde {address}',
    end: 'Cerrar sesión',
    endLabel: 'Cerrar la sesión de {name}',
    ended: 'Sesión cerrada: {name}.',
    endOthers: 'Cerrar todas las demás',
    endedOthers: 'No había nadie más con sesión. | Se cerró {n} sesión más. | Se cerraron {n} sesiones más.',
    away: 'El servidor no responde, así que esto no se puede mostrar ahora. Se pide otra vez cuando vuelva.',
    move: 'Copia de seguridad y traslado a otro equipo',
    moveText:
      'Una copia contiene todo lo que guarda el servidor: cuentas, workers, trabajos, imágenes, libro de cuentas y registros. Se hace con el servidor en marcha.',
    steps: {
      backup: 'En el equipo del servidor, escribe una copia en una carpeta nueva:',
      copy: 'Copia esa carpeta al otro equipo y detén aquí el servidor con Ctrl-C. No deben funcionar dos con los mismos datos.',
      restore: 'Allí, antes de haber iniciado nunca Pictor Worker, llénalo desde la carpeta:',
      start:
        'Inícialo allí. Dale la dirección que tenía el antiguo, para que los workers y los navegadores lo encuentren; si no, crea un archivo de configuración nuevo para cada worker.',
      after:
        'No hay nada más que hacer: los workers y los navegadores notan que el servidor se restauró y vuelven a enviar lo que aún le falta.',
    },
    folder: '/ruta/de/la/copia',
  },
}
