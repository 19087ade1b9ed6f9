/** The elements for pages of others: defined with this one script, in the language of the page and with its colours. */
import { adoptLanguage } from '../lib/language';
import tokens from '../styles/tokens.css?inline';

// In a layer, so that whatever the page itself says of these properties counts.
const sheet = new CSSStyleSheet();
sheet.replaceSync(`@layer fieldsync { ${tokens} }`);
document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];

// Their words are made as their code is loaded, so the language comes first.
await adoptLanguage();
await import('./all');
