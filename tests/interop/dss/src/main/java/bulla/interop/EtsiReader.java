package bulla.interop;

import eu.europa.esig.dss.enumerations.Indication;
import eu.europa.esig.dss.enumerations.SubIndication;
import eu.europa.esig.validationreport.ValidationReportFacade;
import eu.europa.esig.validationreport.jaxb.SignatureValidationReportType;
import eu.europa.esig.validationreport.jaxb.VOReferenceType;
import eu.europa.esig.validationreport.jaxb.ValidationObjectListType;
import eu.europa.esig.validationreport.jaxb.ValidationObjectType;
import eu.europa.esig.validationreport.jaxb.ValidationReportType;
import eu.europa.esig.validationreport.jaxb.ValidationStatusType;
import java.io.FileInputStream;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What DSS's own parser, with the schema switched on, understands of an ETSI validation report. */
final class EtsiReader {
	private EtsiReader()
	{
	}

	static Map<String, Object> read(String file) throws Exception
	{
		ValidationReportType report;
		try (InputStream in = new FileInputStream(file)) {
			report = ValidationReportFacade.newFacade().unmarshall(in, true);
		}
		List<Object> signatures = new ArrayList<>();
		for (SignatureValidationReportType signature : report.getSignatureValidationReport()) {
			signatures.add(verdict(id(signature), signature));
		}
		List<Object> timestamps = new ArrayList<>();
		Map<String, Integer> objects = new LinkedHashMap<>();
		for (ValidationObjectType object : objects(report)) {
			objects.merge(object.getObjectType().name(), 1, Integer::sum);
			if (object.getObjectType().name().equals("TIMESTAMP")) {
				timestamps.add(verdict(object.getId(), object.getValidationReport()));
			}
		}
		Map<String, Object> row = new LinkedHashMap<>();
		row.put("file", file);
		row.put("signatures", signatures);
		row.put("timestamps", timestamps);
		row.put("objects", objects);
		return row;
	}

	private static List<ValidationObjectType> objects(ValidationReportType report)
	{
		ValidationObjectListType list = report.getSignatureValidationObjects();
		return list == null ? List.of() : list.getValidationObject();
	}

	private static String id(SignatureValidationReportType signature)
	{
		return signature.getSignatureIdentifier() == null ? null : signature.getSignatureIdentifier().getId();
	}

	private static Map<String, Object> verdict(String id, SignatureValidationReportType report)
	{
		ValidationStatusType status = report.getSignatureValidationStatus();
		List<SubIndication> subs = status.getSubIndication();
		Indication main = status.getMainIndication();
		Map<String, Object> row = new LinkedHashMap<>();
		row.put("id", id);
		row.put("indication", main == null ? null : main.name());
		row.put("subIndication", subs.isEmpty() ? null : String.valueOf(subs.get(0)));
		row.put("signer", signer(report));
		row.put("constraints",
		    report.getValidationConstraintsEvaluationReport() == null
		        ? 0
		        : report.getValidationConstraintsEvaluationReport().getValidationConstraint().size());
		return row;
	}

	/** By the object that the reference leads to: an unresolved one is an error. */
	private static String signer(SignatureValidationReportType report)
	{
		if (report.getSignerInformation() == null) {
			return null;
		}
		VOReferenceType reference = report.getSignerInformation().getSignerCertificate();
		ValidationObjectType certificate = (ValidationObjectType) reference.getVOReference().get(0);
		return certificate.getId();
	}
}
