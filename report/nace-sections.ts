import type { Text } from './texts.ts';

/** Sections of the economic classification (NACE Rev. 2; in Israel the 2011 classification, which follows ISIC Rev. 4). */
const NACE_SECTIONS: Readonly<Record<string, Text>> = {
  _T: { he: 'כל הענפים', en: 'All industries' },
  A: { he: 'חקלאות, ייעור ודיג', en: 'Agriculture, forestry and fishing' },
  B: { he: 'כרייה וחציבה', en: 'Mining and quarrying' },
  C: { he: 'תעשייה', en: 'Manufacturing' },
  D: { he: 'אספקת חשמל, גז וקיטור', en: 'Electricity, gas and steam supply' },
  E: { he: 'אספקת מים, ביוב ופסולת', en: 'Water supply, sewerage and waste' },
  F: { he: 'בינוי', en: 'Construction' },
  G: { he: 'מסחר ותיקון כלי רכב', en: 'Trade and repair of vehicles' },
  H: { he: 'תחבורה, אחסנה ודואר', en: 'Transport, storage and post' },
  I: { he: 'שירותי אירוח ואוכל', en: 'Accommodation and food services' },
  J: { he: 'מידע ותקשורת', en: 'Information and communication' },
  K: { he: 'שירותים פיננסיים וביטוח', en: 'Finance and insurance' },
  L: { he: 'נדל״ן', en: 'Real estate' },
  M: { he: 'שירותים מקצועיים, מדעיים וטכניים', en: 'Professional, scientific and technical' },
  N: { he: 'שירותי ניהול ותמיכה', en: 'Administrative and support services' },
  O: { he: 'מינהל ציבורי וביטחון', en: 'Public administration and defence' },
  P: { he: 'חינוך', en: 'Education' },
  Q: { he: 'בריאות, רווחה וסעד', en: 'Health and social work' },
  R: { he: 'אמנות, בידור ופנאי', en: 'Arts, entertainment and recreation' },
  S: { he: 'שירותים אחרים', en: 'Other services' },
  T: { he: 'משקי בית כמעסיקים', en: 'Households as employers' },
  U: { he: 'ארגונים וגופים חוץ־מדינתיים', en: 'Extraterritorial organisations' },
};

/** The section's name; the code itself where it is not a section. */
export function industryName(codeOfSection: string): Text {
  return NACE_SECTIONS[codeOfSection] ?? { he: codeOfSection, en: codeOfSection };
}
