// What public pages have: errors take the focus, menus close, times in the reader's own zone.
import "./toasts.js";
import "./focus.js";
import "./dialog.js";
import "./local-time.js";
import "./theme.js";
