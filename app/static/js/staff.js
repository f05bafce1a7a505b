// What every staff page has. Pages add board.js, bulk.js, scorecard.js, drop.js where they use them.
import "./morph.js";
import "./toasts.js";
import "./focus.js";
import "./dialog.js";
import "./theme.js";
import "./local-time.js";
import "./live.js";
import "./autosave.js";
import "./palette.js";
