package bulla.interop;

import eu.europa.esig.dss.enumerations.DigestAlgorithm;
import eu.europa.esig.dss.enumerations.EncryptionAlgorithm;
import eu.europa.esig.dss.enumerations.SignatureLevel;
import eu.europa.esig.dss.model.DSSDocument;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.model.SignatureValue;
import eu.europa.esig.dss.model.ToBeSigned;
import eu.europa.esig.dss.pades.PAdESSignatureParameters;
import eu.europa.esig.dss.pades.signature.PAdESService;
import eu.europa.esig.dss.spi.validation.CertificateVerifier;
import eu.europa.esig.dss.token.DSSPrivateKeyEntry;
import eu.europa.esig.dss.token.Pkcs12SignatureToken;
import java.io.File;
import java.io.IOException;
import java.security.KeyStore.PasswordProtection;
import java.security.Provider;
import java.security.Security;

/** Makes PAdES signatures with DSS, and raises the level of existing ones. */
final class Author {
	/** The default is too small for a signature, its chain and a timestamp with its chain. */
	private static final int CONTENTS_OCTETS = 32768;

	private final PAdESService service;
	private final DigestAlgorithm digest;

	/** tsa may be null where only level B is asked for. */
	Author(CertificateVerifier verifier, String tsa, DigestAlgorithm digest)
	{
		this.service = new PAdESService(verifier);
		this.digest = digest;
		if (tsa != null) {
			service.setTspSource(World.tsa(tsa));
		}
	}

	void sign(String p12, char[] password, String level, String in, String out) throws IOException
	{
		try (Pkcs12SignatureToken token =
			 new Pkcs12SignatureToken(new File(p12), new PasswordProtection(password))) {
			DSSPrivateKeyEntry key = token.getKeys().get(0);
			PAdESSignatureParameters parameters = parameters(level);
			parameters.setSigningCertificate(key.getCertificate());
			parameters.setCertificateChain(key.getCertificateChain());
			parameters.setDigestAlgorithm(digestFor(key.getEncryptionAlgorithm()));
			DSSDocument document = new FileDocument(in);
			ToBeSigned octets = service.getDataToSign(document, parameters);
			SignatureValue value = value(token, octets, parameters, key);
			service.signDocument(document, parameters, value).save(out);
		}
	}

	/** The platform's ECDSA takes a Brainpool key and then fails, so Bouncy Castle stands first here. */
	private static SignatureValue value(Pkcs12SignatureToken token, ToBeSigned octets,
	    PAdESSignatureParameters parameters, DSSPrivateKeyEntry key)
	{
		Provider bouncyCastle = Security.getProvider("BC");
		boolean first = key.getEncryptionAlgorithm() == EncryptionAlgorithm.ECDSA;
		Security.removeProvider("BC");
		Security.insertProviderAt(bouncyCastle, first ? 1 : Integer.MAX_VALUE);
		try {
			return token.sign(octets, parameters.getSignatureAlgorithm(), key);
		} finally {
			Security.removeProvider("BC");
			Security.addProvider(bouncyCastle);
		}
	}

	void extend(String level, String in, String out) throws IOException
	{
		service.extendDocument(new FileDocument(in), parameters(level)).save(out);
	}

	/** RFC 8419 section 3: Ed25519 in CMS goes with SHA-512. */
	private DigestAlgorithm digestFor(EncryptionAlgorithm algorithm)
	{
		return algorithm == EncryptionAlgorithm.EDDSA ? DigestAlgorithm.SHA512 : digest;
	}

	private static PAdESSignatureParameters parameters(String level)
	{
		PAdESSignatureParameters parameters = new PAdESSignatureParameters();
		parameters.setSignatureLevel(SignatureLevel.valueOf("PAdES_BASELINE_" + level));
		parameters.setContentSize(CONTENTS_OCTETS);
		parameters.getArchiveTimestampParameters().setContentSize(CONTENTS_OCTETS);
		return parameters;
	}
}
