// What the tests expect to read, in each language.
export const languages = {
  en: { locale: 'en-GB', accept: 'Accept', closer: 'Look closer', refuse: 'Do not accept', wrongKey: 'The password of the seal key is wrong.', sealed: 'Sealed',
    portalSealed: 'sealed', portalRefused: 'cancelled', checked: /All files have been checked: (\d+)/, different: /looks different/, noMatch: 'No filing matches.', accepted: 'Accepted',
    bank: 'First Savings Bank', wrongFile: /The password is wrong, or does not meet the rule/, inUse: 'In use', waits: 'Waits for approval' },
  hu: { locale: 'hu-HU', accept: 'Elfogadható', closer: 'Közelebbről vizsgálandó', refuse: 'Nem fogadható el', wrongKey: 'A bélyegzőkulcs jelszava hibás.',
    sealed: 'Lebélyegezve', portalSealed: 'lebélyegezve', portalRefused: 'visszavonva', checked: /Minden fájl ellenőrzése megtörtént: (\d+)/,
    different: /másképp/, noMatch: 'Nincs a feltételeknek megfelelő beadvány.', accepted: 'Elfogadva', bank: 'Első Takarékbank', wrongFile: /jelszó/, inUse: '', waits: '' },
};
