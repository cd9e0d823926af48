// Guiding a real arm by hand: the person is at the arm, the page starts, stops and shows what is recorded.

import { GuideSession } from "./guide_session.js";

const page = document.getElementById("guide");
if (page) new GuideSession(page);
