/** Where programs keep keys in a home folder, on every system alike. No program that opens what strangers made may look there. */
export const keyFolders = ['.ssh', '.gnupg', '.aws', '.azure', '.kube', '.docker']
