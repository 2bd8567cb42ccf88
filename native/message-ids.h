// The MESSAGE_ID= of each kind of event that the launcher tells the journal: units/grenadine.catalog
// explains them, grenadine(7) lists them. Those of the activator are in activator/message-ids.ts.
#pragma once

#define MESSAGE_STARTED "be8a8e18ba0f4ef4a72256583a6556f1"
#define MESSAGE_RUNG_FAILED "2df4b99a03f7431fb7c51615420cc41a"
#define MESSAGE_PLAIN "e7ad9148b0d7402e842b979f97dc6b71"
#define MESSAGE_SILENCE "2c0328eacdaa4bf6bdd1b7551f22f3ab"
#define MESSAGE_HOOK_FAILED "08d526e3f8d94b968bdbe85cf2b15dfa"
