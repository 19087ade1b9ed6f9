/** The elements that any page can use (docs/elements.md). */
import './fs-badge';
import './fs-indicator';
import './fs-list';
import './fs-progress';
import './fs-settings';
