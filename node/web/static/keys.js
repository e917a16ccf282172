// Security keys and passkeys (WebAuthn). One form a page: its data-options say what is asked, its field "answer" is
// what the key said. Without this script the page works with codes.
"use strict";

(() => {
  const form = document.querySelector("form[data-options]");
  if (!form || !window.PublicKeyCredential || !navigator.credentials) return;

  const bytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  const options = JSON.parse(form.dataset.options);
  options.challenge = bytes(options.challenge);
  if (options.user) options.user.id = bytes(options.user.id);
  for (const known of [...(options.excludeCredentials || []), ...(options.allowCredentials || [])]) known.id = bytes(known.id);

  const problem = form.querySelector("[data-problem]");
  const ask = async () => {
    problem.hidden = true;
    try {
      const made = options.user
        ? await navigator.credentials.create({ publicKey: options })
        : await navigator.credentials.get({ publicKey: options });
      const answer = { id: made.id, rawId: text(made.rawId), type: made.type, clientExtensionResults: {}, response: {} };
      for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
        if (made.response[name]) answer.response[name] = text(made.response[name]);
      form.elements.answer.value = JSON.stringify(answer);
      form.submit();
    } catch (error) {
      problem.hidden = false;
    }
  };
  form.querySelector("[data-ask]").addEventListener("click", ask);
  form.hidden = false;
  const without = document.querySelector("[data-without]");
  if (without) without.hidden = true;
})();
