/** The English words about getting into the account, backups and moving. */
export const enAccess = {
  access: {
    password: 'Password',
    passwordHas: 'With it you sign in by name where you have no link.',
    passwordNone: 'There is none yet: you sign in by link. With a password you can sign in by name too.',
    change: 'Change the password',
    set: 'Set a password',
    current: 'Password so far',
    next: 'New password',
    nextHelp: 'At least 8 characters. A sentence is good and easy to remember.',
    signsOut: 'Everybody else who is signed in to this account is signed out.',
    changed:
      'The password is set. Nobody else was signed in. | The password is set, {n} other session was signed out. | The password is set, {n} other sessions were signed out.',
    sessions: 'Signed in',
    sessionsText: 'Browsers and computers that may act for you. Sign out what you do not know, and change the password then.',
    sessionsNone: 'Nobody is signed in with a session of their own: this page acts through the computer it runs on.',
    here: 'this page',
    program: 'Pictor Worker or its command line',
    used: 'last used {age}, from {address}',
    end: 'Sign out',
    endLabel: 'Sign out {name}',
    ended: 'Signed out: {name}.',
    endOthers: 'Sign out all others',
    endedOthers: 'Nobody else was signed in. | {n} other session was signed out. | {n} other sessions were signed out.',
    away: 'The server does not answer, so this cannot be shown now. It is asked again when it is back.',
    move: 'Backup and move to another computer',
    moveText:
      'A backup holds everything the server keeps: accounts, workers, jobs, pictures, ledger and logs. It is made while the server runs.',
    steps: {
      backup: 'On the computer of the server, write a backup into a new folder:',
      copy: 'Copy that folder to the other computer, and stop the server here with Ctrl-C. Two must not run with the same data.',
      restore: 'There, before Pictor Worker was ever started, fill it from the folder:',
      start:
        'Start it there. Give it the address the old one had, so that workers and browsers find it; else make each worker a new config file.',
      after:
        'Nothing more is to be done: workers and browsers notice that the server was restored and send again what it does not have yet.',
    },
    folder: '/path/to/backup',
  },
}
