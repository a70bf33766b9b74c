// Passkeys: one press signs, or makes a new passkey.
//
// <button type="button" data-passkey="get" hidden>     asks the server what to sign for the form that it stands in, by
//                          that form with asking=passkey; has the passkey sign it, and sends the form with the answer.
// <button type="button" data-passkey="create" data-ask="ADDRESS" hidden>  asks at ADDRESS, and makes a passkey.
// <script type="application/json" id="passkey-options">  what to ask, where the page knows it already.
// <input type="hidden" data-passkey-answer>   takes the answer, within the same form.
// [data-passkey-fault]     tells what went wrong, in words.
(() => {
  "use strict";
  if (!globalThis.PublicKeyCredential || !navigator.credentials) return;

  const bytes = (text) => {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
  };
  const text = (buffer) => {
    const binary = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
    return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  };
  const descriptors = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  const get = async (options) => {
    const publicKey = {
      ...options,
      challenge: bytes(options.challenge),
      allowCredentials: descriptors(options.allowCredentials),
    };
    const made = await navigator.credentials.get({ publicKey });
    const { authenticatorData, clientDataJSON, signature, userHandle } = made.response;
    return {
      id: made.id,
      rawId: text(made.rawId),
      type: made.type,
      clientExtensionResults: {},
      response: {
        authenticatorData: text(authenticatorData),
        clientDataJSON: text(clientDataJSON),
        signature: text(signature),
        userHandle: userHandle ? text(userHandle) : null,
      },
    };
  };

  const create = async (options) => {
    const publicKey = {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: descriptors(options.excludeCredentials),
    };
    const made = await navigator.credentials.create({ publicKey });
    const { attestationObject, clientDataJSON } = made.response;
    return {
      id: made.id,
      rawId: text(made.rawId),
      type: made.type,
      clientExtensionResults: {},
      response: { attestationObject: text(attestationObject), clientDataJSON: text(clientDataJSON) },
    };
  };

  const words = (fault) =>
    ({
      InvalidStateError: "This passkey is added already.",
      NotAllowedError: "The passkey was not touched in time, or you cancelled. Try again.",
      SecurityError: "Passkeys do not work at this address. Ask who runs this site for its name.",
    })[fault.name] || "The passkey did not answer. Try again.";

  const ask = async (button) => {
    const known = document.getElementById("passkey-options");
    if (known) return JSON.parse(known.textContent);
    const body = new FormData(button.form);
    body.append("asking", "passkey");
    const answer = await fetch(button.dataset.ask || button.form.action, { method: "POST", body });
    const readable = (answer.headers.get("Content-Type") || "").startsWith("application/json");
    if (readable && answer.ok) return answer.json();
    // The form says best what is missing, or that the session is over: it is sent as it stands.
    if (!readable || button.dataset.passkey === "get") return null;
    throw new Error((await answer.json()).fault);
  };

  const press = async (button) => {
    const fault = button.form.querySelector("[data-passkey-fault]");
    fault.textContent = "";
    button.disabled = true;
    try {
      const options = await ask(button);
      if (options) {
        const made = await (button.dataset.passkey === "create" ? create : get)(options);
        button.form.querySelector("[data-passkey-answer]").value = JSON.stringify(made);
      }
      button.form.requestSubmit();
    } catch (error) {
      fault.textContent = error instanceof DOMException ? words(error) : error.message || words(error);
    } finally {
      button.disabled = false;
    }
  };

  for (const button of document.querySelectorAll("[data-passkey]")) {
    button.hidden = false;
    button.addEventListener("click", () => press(button));
  }
})();
